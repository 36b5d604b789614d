#include "processing/alerts/device_rows.hpp"

#include <iterator>
#include <optional>
#include <utility>

#include "base/ids.hpp"
#include "processing/alerts/keys.hpp"
#include "processing/alerts/rows.hpp"

namespace lenne::processing::alerts {
namespace {

using base::Result;
using storage::Store;

constexpr std::size_t kKeyBytes = 9;

/// What a parsed row takes in memory, about: its strings and inner messages are objects of their own.
std::size_t memory_of(std::size_t bytes) { return 256 + 4 * bytes; }

}  // namespace

Result<v1::AlertDevice*> DeviceRows::find(std::uint64_t dev_eui) {
  if (const auto place = places_.find(dev_eui); place != places_.end()) {
    rows_.splice(rows_.begin(), rows_, place->second);
    return &place->second->device;
  }
  const auto damaged = [&] {
    return base::fail("state_damaged", "the alerts of device " + base::to_hex(base::DevEui{dev_eui}));
  };
  if (changes_.contains(dev_eui)) return damaged();  // the row that the state still has is erased
  const auto key = device_row_key(dev_eui);
  const auto value = committed_.get(Store::alert, partition_, key);
  if (!value) return std::unexpected(value.error());
  auto row = *value ? parse_device(key, **value) : std::nullopt;
  if (!row) return damaged();
  return &add(std::move(*row), (*value)->size()).device;
}

v1::AlertDevice& DeviceRows::insert(std::uint64_t dev_eui) {
  v1::AlertDevice device;
  device.set_dev_eui(dev_eui);
  return add(std::move(device), 0).device;
}

void DeviceRows::changed(std::uint64_t dev_eui) {
  auto& row = *places_.at(dev_eui);
  const auto [change, is_first] = changes_.try_emplace(dev_eui, nullptr);
  if (is_first) pending_bytes_ += kKeyBytes;
  if (change->second != nullptr) return;
  change->second = &row;
  if (row.bytes == 0) resize(row, row.device.ByteSizeLong());
  pending_bytes_ += row.bytes;
}

void DeviceRows::erase(std::uint64_t dev_eui) {
  const auto [change, is_first] = changes_.try_emplace(dev_eui, nullptr);
  if (is_first) pending_bytes_ += kKeyBytes;
  if (change->second != nullptr) pending_bytes_ -= change->second->bytes;
  change->second = nullptr;
  if (const auto place = places_.find(dev_eui); place != places_.end()) forget(place->second);
}

void DeviceRows::flush(storage::Batch& out, std::size_t most_bytes) {
  for (const auto& [dev_eui, row] : changes_) {
    const auto key = device_row_key(dev_eui);
    if (row == nullptr) {
      out.erase(Store::alert, partition_, key);
      continue;
    }
    row->device.SerializeToString(&value_);
    out.put(Store::alert, partition_, key, value_);
    resize(*row, value_.size());
  }
  changes_.clear();
  pending_bytes_ = 0;
  while (memory_bytes_ > most_bytes) forget(std::prev(rows_.end()));
}

DeviceRows::Row& DeviceRows::add(v1::AlertDevice device, std::size_t bytes) {
  const auto dev_eui = device.dev_eui();
  auto& row = rows_.emplace_front(std::move(device), bytes);
  places_.insert_or_assign(dev_eui, rows_.begin());
  memory_bytes_ += memory_of(bytes);
  return row;
}

void DeviceRows::resize(Row& row, std::size_t bytes) {
  memory_bytes_ += memory_of(bytes) - memory_of(row.bytes);
  row.bytes = bytes;
}

void DeviceRows::forget(Rows::iterator row) {
  memory_bytes_ -= memory_of(row->bytes);
  places_.erase(row->device.dev_eui());
  rows_.erase(row);
}

}  // namespace lenne::processing::alerts
