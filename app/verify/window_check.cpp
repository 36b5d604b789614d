#include "app/verify/window_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/verify/words.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/keys.hpp"
#include "processing/pane_rows.hpp"
#include "processing/rows.hpp"

namespace lenne::app {
namespace {

using storage::Store;

}  // namespace

bool WindowCheck::exists(Store store, std::uint32_t partition, std::string_view key) {
  const auto row = log_.get(store, partition, key);
  return row && row->has_value();
}

void WindowCheck::take(const storage::Record& record) {
  v1::Aggregate aggregate;
  if (record.topic != storage::Topic::aggregate || !parse(aggregate, record.value) || aggregate.revision() == 0) return;
  const auto window = processing::window_named(aggregate.window(), aggregate.start_us(), aggregate.end_us());
  auto key = processing::revision_key(window, aggregate.dev_eui(), aggregate.measure());
  const auto kept = log_.get(Store::window, record.partition, key);
  v1::WindowRow row;
  if (!kept || !*kept || !parse(row, **kept)) return;
  const auto place = std::pair(record.partition, std::move(key));
  other_revisions_.erase(place);
  if (row.revision() == aggregate.revision()) return;
  other_revisions_[place] = {
      where_of(record), fmt::format("is revision {}, the last one kept is {}", aggregate.revision(), row.revision())};
}

void WindowCheck::finish() {
  for (const auto& [place, fault] : other_revisions_) faults_.add(fault.where, fault.what);
}

void WindowCheck::take_row(Store store, std::uint32_t partition, std::string_view key, std::string_view value) {
  if (store == Store::pane) take_pane(partition, key, value);
  if (store == Store::window) take_window(partition, key, value);
}

void WindowCheck::take_pane(std::uint32_t partition, std::string_view key, std::string_view value) {
  const auto at = processing::parse_pane_key(key);
  const auto where = where_of(Store::pane, partition, key);
  const auto pane = at ? processing::parse_pane(value, at->pane, at->dev_eui, definitions_) : std::nullopt;
  if (!pane) return faults_.add(where, "is damaged");
  for (const auto& series : pane->series) {
    const auto& measure = series.definition->measure;
    if (!series.sequence.empty() &&
        !exists(Store::window, partition, processing::sequence_key(at->dev_eui, measure, at->pane)))
      faults_.add(where, fmt::format("has entries of {}, but the index of sequences does not name it", measure));
  }
}

void WindowCheck::take_window(std::uint32_t partition, std::string_view key, std::string_view value) {
  const auto where = where_of(Store::window, partition, key);
  if (key == processing::kPurgeKey) {
    if (!processing::parse_purge_row(value)) faults_.add(where, "is damaged");
    return;
  }
  const auto window = processing::parse_window_row(value);
  if (!window) return faults_.add(where, "is damaged");
  const auto& row = *window;
  if (const auto sequence = processing::parse_sequence_key(key)) {
    if (row.row_case() != v1::WindowRow::kKnownUntilUs ||
        !exists(Store::pane, partition, processing::pane_key(sequence->pane, sequence->dev_eui)))
      faults_.add(where, "names a pane that is not there");
  } else if (processing::parse_revision_key(key)) {
    if (row.revision() == 0) faults_.add(where, "is damaged");
  } else if (key != processing::kTimeKey || row.row_case() != v1::WindowRow::kNowUs) {
    faults_.add(where, "is damaged");
  }
}

}  // namespace lenne::app
