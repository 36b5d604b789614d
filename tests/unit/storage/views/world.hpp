#pragma once
// Views on a log in memory, and records to feed them with.

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "storage/memory/memory_log.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/queries.hpp"
#include "storage/views/views.hpp"

namespace lenne::storage::views {

inline const base::Timestamp kStart = base::from_us(1'795'478'400'000'000);  // 2026-11-24T00:00:00Z
inline const std::int64_t kStartUs = base::to_us(kStart);

class World {
 public:
  World() { views.open(log.state()); }

  void apply(Topic topic, std::string_view tenant, std::string_view key, std::string_view value,
             bool tombstone = false) {
    views.apply({topic, 0, next_offset_++, kStart, tenant, key, value, tombstone}, batch_);
  }
  /// Ends a commit.
  void commit() {
    views.flush(batch_);
    ASSERT_TRUE(views.health());
    ASSERT_TRUE(log.put_state(batch_));
    batch_.clear();
  }

  void put(const v1::Object& object, std::uint64_t request_id = 0, std::uint64_t offset = 0) {
    v1::ControlState state;
    *state.mutable_object() = object;
    state.set_request_id(request_id);
    state.mutable_input()->set_offset(offset);
    apply(Topic::control, {}, control_key_of(object), state.SerializeAsString());
  }
  void remove(const v1::Object& object) { apply(Topic::control, {}, control_key_of(object), {}, true); }

  void uplink(const std::string& tenant, std::uint64_t eui, std::uint32_t f_cnt, std::int64_t at_us,
              std::uint64_t gateway = 0xa1) {
    v1::DeviceEvent event;
    event.set_tenant(tenant);
    event.set_dev_eui(eui);
    event.set_time_us(at_us);
    event.set_received_us(at_us);
    event.mutable_uplink()->set_f_cnt(f_cnt);
    event.mutable_uplink()->mutable_first()->set_gateway_id(gateway);
    event.mutable_uplink()->mutable_first()->set_rssi_dbm(-97);
    event.mutable_uplink()->mutable_first()->set_snr_tenths_db(82);
    apply(Topic::event, tenant, {}, event.SerializeAsString());
  }
  void measure(const std::string& tenant, std::uint64_t eui, const std::string& measure, std::int64_t value,
               std::int64_t at_us, std::uint32_t flags = 0) {
    v1::Measurement measurement;
    measurement.set_tenant(tenant);
    measurement.set_dev_eui(eui);
    auto& sample = *measurement.add_samples();
    sample.set_measure(measure);
    sample.set_unit("Cel");
    sample.set_kind(v1::KIND_GAUGE);
    sample.set_value(value);
    sample.set_exponent(-6);
    sample.set_time_us(at_us);
    sample.set_flags(flags);
    apply(Topic::measurement, tenant, {}, measurement.SerializeAsString());
  }
  v1::Aggregate aggregate(const std::string& tenant, std::uint64_t eui, const std::string& measure,
                          std::int64_t start_us, std::uint32_t revision = 0, const std::string& site = {}) {
    v1::Aggregate row;
    row.set_tenant(tenant);
    row.set_dev_eui(eui);
    row.set_site(site);
    row.set_measure(measure);
    row.set_window("PT15M");
    row.set_kind(v1::KIND_GAUGE);
    row.set_start_us(start_us);
    row.set_end_us(start_us + 900'000'000);
    row.set_revision(revision);
    row.set_final(true);
    apply(Topic::aggregate, tenant, {}, row.SerializeAsString());
    return row;
  }

  base::SystemClock clock;
  MemoryLog log{4, clock};
  base::Counters counters;
  Views views{counters, 4};  // a small cache, so that rows are read back
  Queries queries{log.state()};

 private:
  Batch batch_;
  Offset next_offset_ = 1;
};

inline v1::Object tenant_object(const std::string& name) {
  v1::Object object;
  object.mutable_tenant()->set_name(name);
  return object;
}
inline v1::Object site_object(const std::string& tenant, const std::string& name) {
  v1::Object object;
  object.mutable_site()->set_name(name);
  object.mutable_site()->set_tenant(tenant);
  object.mutable_site()->mutable_location()->set_latitude(51.44);
  object.mutable_site()->mutable_location()->set_longitude(7.79);
  return object;
}
inline v1::Object gateway_object(const std::string& tenant, std::uint64_t id) {
  v1::Object object;
  object.mutable_gateway()->set_gateway_id(id);
  object.mutable_gateway()->set_tenant(tenant);
  return object;
}
inline v1::Object device_object(const std::string& tenant, std::uint64_t eui, const std::string& site = {}) {
  v1::Object object;
  object.mutable_device()->set_dev_eui(eui);
  object.mutable_device()->set_tenant(tenant);
  object.mutable_device()->set_name("Device " + std::to_string(eui));
  object.mutable_device()->set_site(site);
  return object;
}

}  // namespace lenne::storage::views
