#include "processing/alerts/partition_alerts.hpp"

#include <algorithm>

#include "processing/alerts/keys.hpp"
#include "processing/alerts/peek.hpp"
#include "processing/alerts/rows.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::alerts {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

constexpr std::size_t kMaxUseCaseName = 128;

}  // namespace

Result<void> PartitionAlerts::load() {
  bool sound = true;
  const auto damaged = [&] {
    return base::fail("state_damaged", "a row of the alerts of partition " + std::to_string(partition_));
  };
  const auto time = rows_.get(Store::alert, partition_, kTimeRow);
  if (!time) return std::unexpected(time.error());
  if (*time) {
    const auto row = parse_time(**time);
    if (!row) return damaged();
    moment_ = {row->now_us(), row->listening_since_us()};
  }
  const auto load_rows = [&](char kind, auto&& take) {
    const std::string from(1, kind);
    const std::string to(1, static_cast<char>(kind + 1));
    return rows_.scan(Store::alert, partition_, from, to,
                      [&](std::string_view key, std::string_view value) { return sound = take(key, value); });
  };
  const auto definitions = load_rows(kDefinitionRows, [&](std::string_view key, std::string_view value) {
    const auto row = parse_definition(key, value);
    if (row) definitions_.insert_or_assign(row->name(), compile(*row, counters_));
    return row.has_value();
  });
  if (!definitions) return definitions;
  if (!sound) return damaged();
  const auto devices = load_rows(kDeviceRows, [&](std::string_view key, std::string_view value) {
    auto row = parse_device(key, value);
    if (!row) return false;
    const auto* definition = definition_of(row->use_case());
    if (definition == nullptr || definition->hash != row->use_case_hash()) outdated_.insert(row->dev_eui());
    watch(row->dev_eui(), row->use_case(),
          definition == nullptr ? std::nullopt : DeviceAlerts(*row, moment_, counters_, told_).silent_at(*definition));
    return true;
  });
  if (!devices) return devices;
  return sound ? Result<void>{} : damaged();
}

void PartitionAlerts::flush(storage::Batch& out, std::size_t most_bytes) {
  devices_.flush(out, most_bytes);
  if (time_moved_) {
    v1::AlertTime row;
    row.set_now_us(moment_.now_us);
    row.set_listening_since_us(moment_.listening_since_us);
    rows_.put(Store::alert, std::string(kTimeRow), row.SerializeAsString());
    time_moved_ = false;
  }
  rows_.flush(out);
}

std::optional<base::Timestamp> PartitionAlerts::next_due() const {
  if (!outdated_.empty()) return base::from_us(moment_.now_us);
  if (silences_.empty()) return std::nullopt;
  return base::from_us(silences_.begin()->first);
}

Result<void> PartitionAlerts::step(const storage::Record& record, storage::Batch& out) {
  const auto seen = peek(record.value);
  if (!seen || seen->received_us <= 0 || seen->received_us > kLatestTimeUs) return {};  // dead-letter, by the windows
  if (!started() && !seen->is_instruction) return {};  // nobody has defined anything yet
  move_time(seen->received_us);
  if (auto told = tell_silent(out); !told) return told;
  if (seen->is_instruction || seen->names_use_case || watched_.contains(seen->dev_eui)) {
    if (!measurement_.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return {};
    auto done = seen->is_instruction ? instruct(measurement_, out) : take_samples(measurement_, out);
    if (!done) return done;
  }
  return follow_changes(out);
}

void PartitionAlerts::move_time(std::int64_t received_us) {
  if (received_us <= moment_.now_us) return;
  if (received_us - moment_.now_us > kAwayUs) moment_.listening_since_us = received_us;
  moment_.now_us = received_us;
  time_moved_ = true;
}

Result<void> PartitionAlerts::tell_silent(storage::Batch& out) {
  for (int told = 0; told < kSilentAtOnce && !silences_.empty(); ++told) {
    const auto [at_us, dev_eui] = *silences_.begin();
    if (at_us > moment_.now_us) break;
    const auto found = devices_.find(dev_eui);
    if (!found) return std::unexpected(found.error());
    auto& row = **found;
    const auto* definition = definition_of(row.use_case());
    if (definition == nullptr) {  // it is outdated, and will be dropped
      watch(dev_eui, row.use_case(), std::nullopt);
      continue;
    }
    DeviceAlerts(row, moment_, counters_, told_).fall_silent(*definition);
    append_told(out);
    keep(row, definition);
  }
  return {};
}

Result<void> PartitionAlerts::follow_changes(storage::Batch& out) {
  for (int followed = 0; followed < kFollowedAtOnce && !outdated_.empty(); ++followed) {
    const auto dev_eui = *outdated_.begin();
    outdated_.erase(outdated_.begin());
    const auto found = devices_.find(dev_eui);
    if (!found) return std::unexpected(found.error());
    auto& row = **found;
    const auto* definition = definition_of(row.use_case());
    if (definition == nullptr || !definition->watches()) {
      drop(row, v1::ALERT_REASON_RULE_REMOVED);
    } else {
      DeviceAlerts(row, moment_, counters_, told_).follow(*definition);
      keep(row, definition);
    }
    append_told(out);
  }
  return {};
}

Result<void> PartitionAlerts::take_samples(const v1::Measurement& measurement, storage::Batch& out) {
  if (measurement.tick() || measurement.samples_size() > kMaxSamplesPerRecord) return {};
  v1::AlertDevice* row = nullptr;
  if (watched_.contains(measurement.dev_eui())) {
    const auto found = devices_.find(measurement.dev_eui());
    if (!found) return std::unexpected(found.error());
    row = *found;
  }
  if (row != nullptr && (row->use_case() != measurement.use_case() || row->tenant() != measurement.tenant())) {
    drop(*row, v1::ALERT_REASON_USE_CASE_CHANGED);
    append_told(out);
    row = nullptr;
  }
  if (measurement.use_case().empty()) return {};
  const auto* definition = definition_of(measurement.use_case());
  if (definition == nullptr) {
    counters_.count("alerts.unknown_use_case");
    return {};
  }
  if (!definition->watches()) return {};
  if (row == nullptr) row = &devices_.insert(measurement.dev_eui());
  row->set_tenant(measurement.tenant());
  row->set_site(measurement.site());
  row->set_device_name(measurement.device_name());
  row->set_use_case(measurement.use_case());
  row->set_nominal_interval_s(measurement.nominal_interval_s());
  *row->mutable_parameters() = measurement.parameters();
  DeviceAlerts alerts(*row, moment_, counters_, told_);
  alerts.follow(*definition);
  alerts.take(*definition, measurement);
  append_told(out);
  keep(*row, definition);
  outdated_.erase(measurement.dev_eui());
  return {};
}

bool PartitionAlerts::wants_result(std::string_view key) const {
  constexpr std::size_t kEuiDigits = 16;
  constexpr std::size_t kStartDigits = 16;
  if (watched_.empty() || key.size() < kEuiDigits + 1 + 1 + kStartDigits) return false;
  const auto dev_eui = base::number_of_hex(key.substr(0, kEuiDigits), kEuiDigits);
  const auto watched = dev_eui ? watched_.find(*dev_eui) : watched_.end();
  if (watched == watched_.end()) return false;
  const auto* definition = definition_of(watched->second.use_case);
  const auto series = key.substr(kEuiDigits + 1, key.size() - kEuiDigits - 1 - 1 - kStartDigits);
  return definition != nullptr && std::ranges::find(definition->results, series) != definition->results.end();
}

Result<void> PartitionAlerts::take_result(std::string_view value, storage::Batch& out) {
  v1::Aggregate result;
  if (!result.ParseFromArray(value.data(), static_cast<int>(value.size())) || !watched_.contains(result.dev_eui()))
    return {};
  const auto found = devices_.find(result.dev_eui());
  if (!found) return std::unexpected(found.error());
  auto& row = **found;
  const auto* definition = definition_of(row.use_case());
  if (definition == nullptr || row.tenant() != result.tenant()) return {};
  // It belongs to the record in hand, whose time is taken after it.
  const Moment moment{std::max(moment_.now_us, result.emitted_us()), moment_.listening_since_us};
  DeviceAlerts alerts(row, moment, counters_, told_);
  alerts.follow(*definition);
  alerts.take(*definition, result);
  append_told(out);
  keep(row, definition);
  outdated_.erase(result.dev_eui());
  return {};
}

Result<void> PartitionAlerts::instruct(const v1::Measurement& measurement, storage::Batch& out) {
  if (measurement.has_definition()) {
    define(measurement.definition());
    return {};
  }
  if (!measurement.removed_definition().empty()) {
    undefine(measurement.removed_definition());
    return {};
  }
  const auto dev_eui =
      measurement.has_acknowledgement() ? measurement.acknowledgement().dev_eui() : measurement.dev_eui();
  if (!watched_.contains(dev_eui)) {
    if (measurement.has_acknowledgement()) counters_.count("alerts.refused.acknowledgement");
    return {};
  }
  const auto found = devices_.find(dev_eui);
  if (!found) return std::unexpected(found.error());
  auto& row = **found;
  if (measurement.removed()) {
    drop(row, v1::ALERT_REASON_DEVICE_REMOVED);
  } else if (DeviceAlerts(row, moment_, counters_, told_).acknowledge(measurement.acknowledgement())) {
    keep(row, definition_of(row.use_case()));
  } else {
    counters_.count("alerts.refused.acknowledgement");
  }
  append_told(out);
  return {};
}

void PartitionAlerts::define(const v1::UseCase& use_case) {
  const auto& name = use_case.name();
  if (name.empty() || name.size() > kMaxUseCaseName ||
      (!definitions_.contains(name) && definitions_.size() >= kMaxDefinitions))
    return counters_.count("alerts.refused.use_case");
  auto definition = compile(use_case, counters_);
  const auto known = definitions_.find(name);
  if (known != definitions_.end() && known->second.hash == definition.hash) return;
  definitions_.insert_or_assign(name, std::move(definition));
  rows_.put(Store::alert, definition_row_key(name), use_case.SerializeAsString());
  mark_devices_of(name);
}

void PartitionAlerts::undefine(const std::string& use_case) {
  if (definitions_.erase(use_case) == 0) return;
  rows_.erase(Store::alert, definition_row_key(use_case));
  mark_devices_of(use_case);
}

void PartitionAlerts::mark_devices_of(std::string_view use_case) {
  for (const auto& [dev_eui, watched] : watched_) {
    if (watched.use_case == use_case) outdated_.insert(dev_eui);
  }
}

const Definition* PartitionAlerts::definition_of(std::string_view use_case) const {
  const auto found = definitions_.find(use_case);
  return found == definitions_.end() ? nullptr : &found->second;
}

/// Without a definition it will be dropped.
void PartitionAlerts::keep(v1::AlertDevice& row, const Definition* definition) {
  devices_.changed(row.dev_eui());
  watch(row.dev_eui(), row.use_case(),
        definition == nullptr ? std::nullopt : DeviceAlerts(row, moment_, counters_, told_).silent_at(*definition));
}

void PartitionAlerts::drop(v1::AlertDevice& row, v1::AlertReason reason) {
  const auto dev_eui = row.dev_eui();
  DeviceAlerts(row, moment_, counters_, told_).end_all(reason);
  watch(dev_eui, row.use_case(), std::nullopt);
  watched_.erase(dev_eui);
  outdated_.erase(dev_eui);
  devices_.erase(dev_eui);
}

void PartitionAlerts::watch(std::uint64_t dev_eui, std::string_view use_case,
                            std::optional<std::int64_t> silent_at_us) {
  auto& watched = watched_[dev_eui];
  if (watched.silent_at_us != 0) silences_.erase({watched.silent_at_us, dev_eui});
  watched.use_case = use_case;
  watched.silent_at_us = silent_at_us.value_or(0);
  if (watched.silent_at_us != 0) silences_.insert({watched.silent_at_us, dev_eui});
}

void PartitionAlerts::append_told(storage::Batch& out) {
  for (const auto& alert : told_) {
    ++told_counter_;
    out.append(Topic::alert, partition_, alert.tenant(), alert_key(alert.dev_eui(), alert.rule()),
               alert.SerializeAsString());
  }
  told_.clear();
}

}  // namespace lenne::processing::alerts
