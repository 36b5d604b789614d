#include "processing/derived/rows_by_start.hpp"

#include <algorithm>

namespace lenne::processing::derived {
namespace {

std::int64_t start_of(const v1::Aggregate& row) { return row.start_us(); }

}  // namespace

const v1::Aggregate* row_at(std::span<const v1::Aggregate> rows, std::int64_t start_us) {
  const auto found = std::ranges::lower_bound(rows, start_us, {}, start_of);
  return found == rows.end() || found->start_us() != start_us ? nullptr : &*found;
}

std::span<const v1::Aggregate> rows_in(std::span<const v1::Aggregate> rows, std::int64_t from_us, std::int64_t to_us) {
  const auto from = std::ranges::lower_bound(rows, from_us, {}, start_of);
  return {from, std::ranges::lower_bound(from, rows.end(), to_us, {}, start_of)};
}

}  // namespace lenne::processing::derived
