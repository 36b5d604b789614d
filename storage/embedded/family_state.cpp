#include "storage/embedded/family_state.hpp"

#include "storage/embedded/layout.hpp"

namespace lenne::storage::embedded {
namespace {

Result<void> walk(const Families& families, Store store, std::uint32_t partition, std::string_view from,
                  std::string_view to, bool backwards,
                  const std::function<bool(std::string_view, std::string_view)>& visit) {
  const auto prefix = state_prefix(store, partition);
  const auto lower = prefix + std::string(from);
  const auto upper = to.empty() ? end_of_prefix(prefix) : prefix + std::string(to);
  if (!upper.empty() && lower >= upper) return {};
  return families.scan(family_of(store), lower, upper, backwards,
                       [&](auto key, auto value) { return visit(key.substr(prefix.size()), value); });
}

}  // namespace

Result<std::optional<std::string>> FamilyState::get(Store store, std::uint32_t partition, std::string_view key) const {
  return families_.get(family_of(store), state_prefix(store, partition).append(key));
}

Result<void> FamilyState::scan(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                               const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return walk(families_, store, partition, from, to, false, visit);
}

Result<void> FamilyState::scan_back(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                                    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return walk(families_, store, partition, from, to, true, visit);
}

}  // namespace lenne::storage::embedded
