#include "processing/meters/parts.hpp"

#include <algorithm>
#include <cstddef>

namespace lenne::processing::meters {

std::vector<bool> told_together(std::span<const std::vector<base::Int128>> parts, std::int64_t end_us,
                                std::int64_t now_us, const GateRules& rules) {
  const auto passes = [&](const std::vector<base::Int128>& amounts) {
    return judge(amounts, end_us, now_us, rules) == Withheld::no;
  };
  std::vector<bool> told(parts.size(), false);
  std::vector<std::size_t> pass;
  std::vector<base::Int128> rest;
  const auto keep_back = [&](std::size_t i) { rest.insert(rest.end(), parts[i].begin(), parts[i].end()); };
  for (std::size_t i = 0; i < parts.size(); ++i) passes(parts[i]) ? pass.push_back(i) : keep_back(i);
  std::ranges::stable_sort(pass, std::ranges::greater{}, [&](std::size_t i) { return parts[i].size(); });
  while (!pass.empty() && !rest.empty() && !passes(rest)) {
    keep_back(pass.back());
    pass.pop_back();
  }
  for (const auto i : pass) told[i] = true;
  return told;
}

}  // namespace lenne::processing::meters
