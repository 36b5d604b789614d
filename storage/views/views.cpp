#include "storage/views/views.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "lenne/v1/view.pb.h"
#include "storage/views/buckets.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/radio.hpp"
#include "storage/views/rows.hpp"

namespace lenne::storage::views {
namespace {

constexpr std::size_t kGatewayRows = 65536;
constexpr std::size_t kTenantRows = 4096;
constexpr std::size_t kLocatorRows = 4096;  // those of gateways are asked for with each hearing

// A value of which nobody knows whether it is one is not shown as the latest. One whose time alone is in doubt is.
constexpr std::uint32_t kNotShown =
    v1::SAMPLE_FLAG_OUT_OF_RANGE | v1::SAMPLE_FLAG_IMPLAUSIBLE | v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_FLAT;

v1::SeriesView* find_series(v1::DeviceView& device, std::string_view measure) {
  for (auto& series : *device.mutable_series()) {
    if (series.measure() == measure) return &series;
  }
  return nullptr;
}

std::string gateway_control_key(std::uint64_t id) { return "gateway/" + base::to_hex(base::GatewayId{id}); }

// The parts of an aggregate's key: <dev_eui>/<measure>/<window>/<start>.
struct AggregateName {
  std::uint64_t dev_eui;
  std::string_view measure;
  std::string_view window;
  base::Timestamp start;
};

std::optional<AggregateName> parse_aggregate_name(std::string_view key) {
  if (key.size() < 16 + 1 + 1 + 1 + 1 + 16 || key[16] != '/' || key[key.size() - 17] != '/') return std::nullopt;
  const auto eui = base::number_of_hex(key.substr(0, 16), 16);
  const auto start = base::number_of_hex(key.substr(key.size() - 16), 16);
  const auto middle = key.substr(17, key.size() - 17 - 17);
  const auto slash = middle.find('/');
  if (!eui || !start || slash == std::string_view::npos) return std::nullopt;
  return AggregateName{*eui, middle.substr(0, slash), middle.substr(slash + 1),
                       base::from_us(static_cast<std::int64_t>(*start))};
}

}  // namespace

struct Views::Impl {
  Impl(base::Counters& counts, std::size_t cache_rows)
      : counters(counts),
        devices(source, Store::view_latest, cache_rows),
        gateways(source, Store::view_meta, kGatewayRows),
        tenants(source, Store::view_meta, kTenantRows),
        applied(source, Store::view_meta, 1),
        objects(source, Store::view_object),
        locators(source, Store::view_meta, kLocatorRows),
        series(source, Store::view_series),
        alert_index(source, Store::view_alert) {}

  base::Counters& counters;
  RowSource source;
  RowCache<v1::DeviceView> devices;
  RowCache<v1::GatewayView> gateways;
  RowCache<v1::TenantView> tenants;
  RowCache<v1::AppliedView> applied;
  TextRows objects;
  TextRows locators;
  TextRows series;
  TextRows alert_index;
  v1::ControlState control_state;
  v1::DeviceEvent event;
  v1::Measurement measurement;
  v1::Aggregate aggregate;
  v1::GatewayStatus status;
  v1::Rollup rollup;
  v1::OpenRollup open_rollup;
  v1::Alert alert;

  void refuse(std::string_view why) { counters.count(std::string("views.refused.") + std::string(why)); }

  // --- rows -------------------------------------------------------------------------------------------------------

  v1::TenantView& tenant_row(const std::string& tenant) {
    const auto key = tenant_key(tenant);
    auto& row = tenants.make(key);
    if (row.tenant().empty()) row.set_tenant(tenant);
    tenants.touch(key);
    return row;
  }

  v1::DeviceView& device_row(const std::string& tenant, std::uint64_t dev_eui) {
    const auto key = device_key(tenant, dev_eui);
    auto& row = devices.make(key);
    row.set_dev_eui(dev_eui);
    row.set_tenant(tenant);
    devices.touch(key);
    return row;
  }

  std::string gateway_tenant(std::uint64_t id) {
    return locators.get(locator_key(gateway_control_key(id))).value_or("");
  }

  void add_to(std::uint64_t (v1::TenantView::*get)() const, void (v1::TenantView::*set)(std::uint64_t),
              const std::string& tenant, bool up) {
    if (tenant.empty()) return;
    auto& row = tenant_row(tenant);
    const auto now = (row.*get)();
    (row.*set)(up ? now + 1 : now - std::min<std::uint64_t>(now, 1));
  }

  void count_objects(std::string_view control_key, const std::string& tenant, bool up) {
    if (control_key.starts_with("device/")) add_to(&v1::TenantView::devices, &v1::TenantView::set_devices, tenant, up);
    if (control_key.starts_with("gateway/"))
      add_to(&v1::TenantView::gateways, &v1::TenantView::set_gateways, tenant, up);
    if (control_key.starts_with("site/")) add_to(&v1::TenantView::sites, &v1::TenantView::set_sites, tenant, up);
  }

  void note_applied(std::uint32_t partition, Offset offset) {
    const auto key = applied_key();
    auto& row = applied.make(key);
    auto& positions = *row.mutable_positions();
    const auto at =
        std::lower_bound(positions.begin(), positions.end(), partition,
                         [](const auto& position, std::uint32_t wanted) { return position.partition() < wanted; });
    if (at != positions.end() && at->partition() == partition) {
      if (at->offset() >= offset) return;
      at->set_offset(offset);
    } else {
      const auto index = static_cast<int>(at - positions.begin());
      auto* added = positions.Add();
      added->set_partition(partition);
      added->set_offset(offset);
      for (int i = positions.size() - 1; i > index; --i) positions.SwapElements(i, i - 1);
    }
    applied.touch(key);
  }

  void note_outcome(const v1::OutcomeView& outcome, Batch& out) {
    out.put(Store::view_event, 0, outcome_key(outcome.request_id()), outcome.SerializeAsString());
  }

  // --- control ----------------------------------------------------------------------------------------------------

  // Where an object of this key lies now.
  std::optional<std::string> tenant_now(const std::string& control_key) {
    if (needs_locator(control_key)) return locators.get(locator_key(control_key));
    std::string tenant(tenant_in_control_key(control_key));
    if (!objects.get(object_key(tenant, control_key))) return std::nullopt;
    return tenant;
  }

  void apply_control(const Record& record, Batch& out) {
    const std::string control_key(record.key);
    if (!is_key_name(control_key)) return refuse("control_key");
    if (record.tombstone) return remove_object(control_key);
    if (!control_state.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) ||
        control_key_of(control_state.object()) != control_key) {
      return refuse("control");
    }
    const auto tenant = owner_of(control_state.object());
    if (!is_key_name(tenant)) return refuse("tenant");
    put_object(control_key, tenant, record.value);
    if (control_state.has_input()) note_applied(control_state.input().partition(), control_state.input().offset());
    if (control_state.request_id() != 0) {
      v1::OutcomeView outcome;
      outcome.set_request_id(control_state.request_id());
      outcome.set_accepted(true);
      outcome.set_partition(control_state.input().partition());
      outcome.set_offset(control_state.input().offset());
      outcome.set_applied_us(control_state.applied_us());
      note_outcome(outcome, out);
    }
  }

  void put_object(const std::string& control_key, const std::string& tenant, std::string_view value) {
    const auto before = tenant_now(control_key);
    if (before && *before != tenant) {
      objects.erase(object_key(*before, control_key));
      count_objects(control_key, *before, false);
      forget_device(control_key, *before);
    }
    if (!before || *before != tenant) {
      count_objects(control_key, tenant, true);
      if (needs_locator(control_key)) locators.put(locator_key(control_key), tenant);
    }
    objects.put(object_key(tenant, control_key), std::string(value));
    const auto& object = control_state.object();
    if (object.has_tenant()) tenant_row(tenant);
    if (object.has_gateway()) move_gateway(object.gateway().gateway_id(), before.value_or(""), tenant);
    if (object.has_device()) {
      auto& row = device_row(tenant, object.device().dev_eui());
      row.set_registered(true);
      row.set_name(object.device().name());
      row.set_site(object.device().site());
      row.set_profile(object.device().profile());
      if (row.dev_addr() == 0) row.set_dev_addr(object.device().dev_addr());
      for (const auto& of : row.series()) index_series(row, of.measure());
    }
  }

  void move_gateway(std::uint64_t id, const std::string& from, const std::string& to) {
    const auto target = gateway_key(to, id);
    if (from != to) {
      const auto origin = gateway_key(from, id);
      if (const auto* heard = gateways.find(origin)) {
        const v1::GatewayView moved = *heard;
        gateways.erase(origin);
        gateways.make(target) = moved;
        gateways.touch(target);
      }
    }
    gateways.make(target).set_gateway_id(id);
  }

  // A device that has left a tenant leaves its lists; its results stay with the tenant that they were measured for.
  void forget_device(const std::string& control_key, const std::string& tenant) {
    if (!control_key.starts_with("device/")) return;
    const auto eui = base::number_of_hex(std::string_view(control_key).substr(7), 16);
    if (!eui) return;
    const auto key = device_key(tenant, *eui);
    const auto* row = devices.find(key);
    if (row == nullptr) return;
    for (const auto& of : row->series()) series.erase(series_key(tenant, of.measure(), *eui));
    if (const auto bucket = row->last_seen_us() / kSeenBucketUs; row->last_seen_us() > 0 && !tenant.empty()) {
      take_from_bucket(*tenant_row(tenant).mutable_devices_5min(), bucket, kSeenBuckets);
    }
    devices.erase(key);
  }

  void remove_object(const std::string& control_key) {
    const auto tenant = tenant_now(control_key);
    if (!tenant) return;
    objects.erase(object_key(*tenant, control_key));
    if (needs_locator(control_key)) locators.erase(locator_key(control_key));
    count_objects(control_key, *tenant, false);
    forget_device(control_key, *tenant);
    if (control_key.starts_with("gateway/")) {
      if (const auto id = base::number_of_hex(std::string_view(control_key).substr(8), 16)) {
        gateways.erase(gateway_key(*tenant, *id));
      }
    }
  }

  // --- events -----------------------------------------------------------------------------------------------------

  /// `reception`: null for an uplink's first copy, which comes again with its reception.
  void hear(std::uint64_t gateway_id, std::int64_t received_us, const v1::Reception* reception) {
    if (gateway_id == 0) return;
    const auto key = gateway_key(gateway_tenant(gateway_id), gateway_id);
    auto& row = gateways.make(key);
    row.set_gateway_id(gateway_id);
    row.set_last_seen_us(std::max(row.last_seen_us(), received_us));
    note_alive(row, received_us);
    if (reception != nullptr) {
      row.set_frames(row.frames() + 1);
      note_frame(row, *reception, received_us);
    }
    gateways.touch(key);
  }

  // The device was heard: its row and the tenant's totals.
  void see(v1::DeviceView& row, std::int64_t received_us, bool uplink) {
    auto& tenant = tenant_row(row.tenant());
    if (received_us > row.last_seen_us()) {
      if (row.last_seen_us() > 0) {
        take_from_bucket(*tenant.mutable_devices_5min(), row.last_seen_us() / kSeenBucketUs, kSeenBuckets);
      }
      add_to_bucket(*tenant.mutable_devices_5min(), received_us / kSeenBucketUs, kSeenBuckets);
      row.set_last_seen_us(received_us);
    }
    tenant.set_last_seen_us(std::max(tenant.last_seen_us(), received_us));
    if (!uplink) return;
    row.set_uplinks(row.uplinks() + 1);
    tenant.set_uplinks(tenant.uplinks() + 1);
    add_to_bucket(*tenant.mutable_uplinks_10s(), received_us / kUplinkBucketUs, kUplinkBuckets);
  }

  void apply_event(const Record& record, Batch& out) {
    if (!event.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return refuse("event");
    if (event.has_input()) note_applied(event.input().partition(), event.input().offset());
    if (event.has_log() && event.log().request_id() != 0) {
      v1::OutcomeView outcome;
      outcome.set_request_id(event.log().request_id());
      outcome.set_accepted(event.log().level() != v1::LOG_LEVEL_ERROR);
      outcome.set_code(event.log().code());
      outcome.set_message(event.log().message());
      outcome.set_partition(event.input().partition());
      outcome.set_offset(event.input().offset());
      outcome.set_applied_us(event.received_us());
      note_outcome(outcome, out);
    }
    if (event.tenant().empty() || event.dev_eui() == 0) return;
    if (!is_key_name(event.tenant())) return refuse("tenant");
    const auto received = event.received_us() != 0 ? event.received_us() : event.time_us();
    if (event.has_uplink()) {
      const auto& uplink = event.uplink();
      auto& row = device_row(event.tenant(), event.dev_eui());
      if (row.name().empty()) row.set_name(event.device_name());
      see(row, received, true);
      row.set_f_cnt(uplink.f_cnt());
      row.set_dev_addr(uplink.dev_addr());
      row.set_rssi_dbm(uplink.first().rssi_dbm());
      row.set_snr_tenths_db(uplink.first().snr_tenths_db());
      row.set_gateway_id(uplink.first().gateway_id());
      hear(uplink.first().gateway_id(), received, nullptr);
    } else if (event.has_reception()) {
      apply_reception(event.reception(), received);
    } else if (event.has_join()) {
      auto& row = device_row(event.tenant(), event.dev_eui());
      see(row, received, false);
      note_join(row, received);
      row.set_dev_addr(event.join().dev_addr());
      row.set_f_cnt(0);
    } else if (event.has_tx_ack() && event.tx_ack().gateway_id() != 0) {
      const auto id = event.tx_ack().gateway_id();
      const auto key = gateway_key(gateway_tenant(id), id);
      auto& row = gateways.make(key);
      row.set_gateway_id(id);
      if (!note_downlink(row, event.tx_ack(), received)) refuse("sent_airtime");
      gateways.touch(key);
    }
  }

  // The gateway that hears a device best is the one that is shown.
  void apply_reception(const v1::Reception& reception, std::int64_t received_us) {
    auto& row = device_row(event.tenant(), event.dev_eui());
    note_reception(row, reception, received_us);
    for (const auto& hearing : reception.gateways()) {
      hear(hearing.gateway_id(), hearing.received_us(), &reception);
      if (reception.f_cnt() == row.f_cnt() && hearing.snr_tenths_db() > row.snr_tenths_db()) {
        row.set_rssi_dbm(hearing.rssi_dbm());
        row.set_snr_tenths_db(hearing.snr_tenths_db());
        row.set_gateway_id(hearing.gateway_id());
      }
    }
  }

  // --- measurements and aggregates ----------------------------------------------------------------------------------

  void index_series(const v1::DeviceView& row, const std::string& measure) {
    series.put(series_key(row.tenant(), measure, row.dev_eui()), std::string());
  }

  // Null when the device has too many series, or the name cannot be a key.
  v1::SeriesView* series_row(v1::DeviceView& row, const std::string& measure) {
    if (auto* found = find_series(row, measure)) return found;
    if (measure.empty() || !is_key_name(measure)) {
      refuse("measure");
      return nullptr;
    }
    if (row.series_size() >= kMaxSeries) {
      refuse("series");
      return nullptr;
    }
    row.add_series()->set_measure(measure);
    auto& all = *row.mutable_series();
    int at = all.size() - 1;
    for (; at > 0 && all.Get(at - 1).measure() > measure; --at) all.SwapElements(at, at - 1);
    index_series(row, measure);
    return all.Mutable(at);
  }

  void apply_measurement(const Record& record) {
    if (!measurement.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
      return refuse("measurement");
    if (measurement.tick() || measurement.tenant().empty() || measurement.samples().empty()) return;
    if (!is_key_name(measurement.tenant())) return refuse("tenant");
    auto& row = device_row(measurement.tenant(), measurement.dev_eui());
    if (row.name().empty()) row.set_name(measurement.device_name());
    if (!row.registered()) row.set_site(measurement.site());
    if (measurement.nominal_interval_s() != 0) row.set_nominal_interval_s(measurement.nominal_interval_s());
    for (const auto& sample : measurement.samples()) {
      if (!base::is_exponent(sample.exponent())) {
        refuse("exponent");
        continue;
      }
      if ((sample.flags() & kNotShown) != 0) {
        note_flagged(row, sample);
        continue;
      }
      note_own_measure(row, sample);
      auto* of = series_row(row, sample.measure());
      if (of == nullptr) continue;
      if (of->first_us() == 0 || sample.time_us() < of->first_us()) of->set_first_us(sample.time_us());
      if (sample.time_us() < of->last_us()) continue;
      of->set_last_us(sample.time_us());
      of->set_value(sample.value());
      of->set_exponent(sample.exponent());
      of->set_unit(sample.unit());
      of->set_kind(sample.kind());
      of->set_partition(record.partition);
      of->set_offset(record.offset);
      if (of->flagged_us() <= sample.time_us()) clear_flagged(*of);
    }
  }

  // Of a series that has shown values: people see that the sensor goes on, and why its value does not.
  static void note_flagged(v1::DeviceView& row, const v1::Sample& sample) {
    auto* of = find_series(row, sample.measure());
    if (of == nullptr || of->exponent() != sample.exponent()) return;
    if (sample.time_us() <= of->last_us() || sample.time_us() < of->flagged_us()) return;
    of->set_flagged_us(sample.time_us());
    of->set_flagged_value(sample.value());
    of->set_flags(sample.flags());
  }

  static void clear_flagged(v1::SeriesView& of) {
    of.clear_flagged_us();
    of.clear_flagged_value();
    of.clear_flags();
  }

  /// What the network server measured itself, of a device or, under its id, of a gateway.
  void note_own_measure(v1::DeviceView& row, const v1::Sample& sample) {
    if (sample.measure() == kLost) return note_uplink(row, sample.value(), measurement.received_us());
    constexpr std::array kOfGateways{kUplinkAirtime, kDownlinkAirtime, kDownlinks, kForeignAirtime, kForeignFrames};
    if (std::ranges::find(kOfGateways, sample.measure()) == kOfGateways.end()) return;
    const auto key = gateway_key(gateway_tenant(measurement.dev_eui()), measurement.dev_eui());
    auto& gateway = gateways.make(key);
    gateway.set_gateway_id(measurement.dev_eui());
    note_measure(gateway, sample.measure(), sample.value(), sample.time_us());
    gateways.touch(key);
  }

  void apply_aggregate(const Record& record, Batch& out) {
    if (record.tombstone) {
      const auto name = parse_aggregate_name(record.key);
      if (!name) return refuse("aggregate_key");
      out.erase(
          Store::view_aggregate, 0,
          aggregate_key(aggregate_prefix(record.tenant, name->measure, name->window), name->start, name->dev_eui));
      // One of a backfill, which goes as a whole.
      if (name->measure.find('@') != std::string_view::npos) drop_series(record.tenant, name->dev_eui, name->measure);
      return;
    }
    if (!aggregate.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
      return refuse("aggregate");
    if (!is_key_name(aggregate.tenant()) || !is_key_name(aggregate.measure()) || !is_key_name(aggregate.window()) ||
        aggregate.tenant().empty()) {
      return refuse("aggregate_name");
    }
    if (!base::is_exponent(aggregate.exponent())) return refuse("exponent");
    const auto prefix = aggregate_prefix(aggregate.tenant(), aggregate.measure(), aggregate.window());
    out.put(Store::view_aggregate, 0, aggregate_key(prefix, base::from_us(aggregate.start_us()), aggregate.dev_eui()),
            record.value);
    note_window();
  }

  void drop_series(std::string_view tenant, std::uint64_t dev_eui, std::string_view measure) {
    const auto key = device_key(tenant, dev_eui);
    auto* row = devices.find(key);
    if (row == nullptr) return;
    auto& all = *row->mutable_series();
    const auto found = std::ranges::find(all, measure, &v1::SeriesView::measure);
    if (found == all.end()) return;
    all.erase(found);
    series.erase(series_key(tenant, measure, dev_eui));
    devices.touch(key);
  }

  void apply_rollup(const Record& record, Batch& out) {
    if (!rollup.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return refuse("rollup");
    if (is_good(rollup)) out.put(Store::view_rollup, 0, rollup_key(rollup), record.value);
  }

  void apply_open_rollup(const Record& record, Batch& out) {
    if (!open_rollup.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
      return refuse("open_rollup");
    if (is_good(open_rollup.result())) out.put(Store::view_open, 0, open_rollup_key(open_rollup), record.value);
  }

  bool is_good(const v1::Rollup& result) {
    for (const auto* name :
         {&result.tenant(), &result.site(), &result.area(), &result.district(), &result.measure(), &result.window()}) {
      if (is_key_name(*name)) continue;
      refuse("rollup_name");
      return false;
    }
    if (base::is_exponent(result.exponent())) return true;
    refuse("exponent");
    return false;
  }

  // The series' row lists which windows exist of it; that changes once in its life.
  void note_window() {
    const auto key = device_key(aggregate.tenant(), aggregate.dev_eui());
    auto* row = devices.find(key);
    if (row == nullptr) row = &device_row(aggregate.tenant(), aggregate.dev_eui());
    auto* of = find_series(*row, aggregate.measure());
    if (of != nullptr &&
        std::find(of->windows().begin(), of->windows().end(), aggregate.window()) != of->windows().end())
      return;
    of = series_row(*row, aggregate.measure());
    if (of == nullptr) return;
    if (of->kind() == v1::KIND_UNSPECIFIED) {
      of->set_kind(aggregate.kind());
      of->set_unit(aggregate.unit());
      of->set_exponent(aggregate.exponent());
    }
    of->add_windows(aggregate.window());
    std::sort(of->mutable_windows()->begin(), of->mutable_windows()->end());
    devices.touch(key);
  }

  // --- alerts -------------------------------------------------------------------------------------------------------

  void apply_alert(const Record& record, Batch& out) {
    if (record.tombstone) return;
    if (!alert.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) return refuse("alert");
    if (alert.tenant().empty() || !is_key_name(alert.tenant()) || alert.rule().empty() || !is_key_name(alert.rule()) ||
        !base::is_exponent(alert.exponent()) || !base::is_exponent(alert.threshold().exponent()))
      return refuse("alert_fields");
    v1::AlertView row;
    *row.mutable_alert() = alert;
    row.set_partition(record.partition);
    const auto value = row.SerializeAsString();
    const auto index = alert_index_key(alert.tenant(), alert.dev_eui(), alert.rule());
    const auto key = alert_key(alert);
    if (const auto& before = alert_index.get(index); before && *before != key) out.erase(Store::view_alert, 0, *before);
    out.put(Store::view_alert, 0, key, value);
    out.put(Store::view_alert, 0, alert_change_key(alert), value);
    alert_index.put(index, key);
  }

  // --- gateways -----------------------------------------------------------------------------------------------------

  void apply_status(const Record& record) {
    if (record.tombstone) return;
    if (!status.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) ||
        status.gateway_id() == 0) {
      return refuse("gateway_status");
    }
    const auto key = gateway_key(gateway_tenant(status.gateway_id()), status.gateway_id());
    auto& row = gateways.make(key);
    row.set_gateway_id(status.gateway_id());
    if (status.received_us() <= row.status_us()) return;  // a report is counted once
    row.set_status_us(status.received_us());
    row.set_last_seen_us(std::max(row.last_seen_us(), status.received_us()));
    row.set_rx_received(row.rx_received() + status.rx_received());
    row.set_rx_ok(row.rx_ok() + status.rx_ok());
    row.set_tx_emitted(row.tx_emitted() + status.tx_emitted());
    note_alive(row, status.received_us());
    note_report(row, status);
    if (status.has_latitude() && status.has_longitude()) {
      row.set_latitude(status.latitude());
      row.set_longitude(status.longitude());
    }
    gateways.touch(key);
  }
};

Views::Views(base::Counters& counters, std::size_t cache_rows) : impl_(std::make_unique<Impl>(counters, cache_rows)) {}
Views::~Views() = default;

void Views::open(const StateReader& state) { impl_->source.open(state); }

void Views::apply(const Record& record, Batch& out) {
  switch (record.topic) {
    case Topic::control:
      return impl_->apply_control(record, out);
    case Topic::event:
      return impl_->apply_event(record, out);
    case Topic::measurement:
      return impl_->apply_measurement(record);
    case Topic::aggregate:
      return impl_->apply_aggregate(record, out);
    case Topic::gateway_status:
      return impl_->apply_status(record);
    case Topic::rollup:
      return impl_->apply_rollup(record, out);
    case Topic::open_rollup:
      return impl_->apply_open_rollup(record, out);
    case Topic::alert:
      return impl_->apply_alert(record, out);
    case Topic::network_in:
    case Topic::keys:
    case Topic::gateway_path:
    case Topic::gateway_downlink:
    case Topic::dead_letter:
    case Topic::command:
    case Topic::measurement_late:
    case Topic::rollup_in:
      break;
  }
  impl_->refuse("topic");
}

void Views::flush(Batch& out) {
  impl_->objects.flush(out);
  impl_->locators.flush(out);
  impl_->series.flush(out);
  impl_->alert_index.flush(out);
  impl_->devices.flush(out);
  impl_->gateways.flush(out);
  impl_->tenants.flush(out);
  impl_->applied.flush(out);
}

base::Result<void> Views::health() { return impl_->source.health(); }

}  // namespace lenne::storage::views
