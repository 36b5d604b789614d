#include "api/meter_findings.hpp"

#include <array>
#include <string_view>

#include "api/device_days.hpp"
#include "api/meter_rows.hpp"
#include "base/ids.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/slow_leak.hpp"
#include "processing/meters/unusual_flow.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using storage::views::AggregateFilter;

std::string text_of(meters::Finding finding) {
  constexpr std::array<std::string_view, 4> kNames{"no", "yes", "unknown", "not_judged"};
  return std::string(kNames[static_cast<std::size_t>(finding)]);
}

}  // namespace

base::Result<meters::FindingRules> rules_of(const Context& context, const Caller& caller,
                                            const v1::DeviceView& device) {
  const auto object = declared(context, caller, device);
  if (!object && object.error().code != "not_found") return std::unexpected(object.error());
  const auto* purpose = meters::purpose_named(object ? object->meter_purpose() : std::string());
  return purpose != nullptr ? purpose->rules : meters::FindingRules{};
}

std::vector<RowField> finding_fields(const MeterWindow& day, const MeterRegister& read, const FindingLimits& limits) {
  const auto end_us = day.row.end_us();
  const auto burst = steps_of_thousandths(limits.burst, day.row.exponent());
  const auto unusual = meters::find_unusual_flow(read.usual, day.row.start_us(), end_us, limits.rules);
  return {{"leak", text_of(meters::find_leak(read.profile, end_us, limits.rules))},
          {"burst", text_of(meters::find_burst(read.profile, burst, end_us, limits.rules))},
          {"dry", text_of(meters::find_dry(read.profile, end_us, limits.rules))},
          {"reverse", text_of(meters::find_reverse(read.profile, 0, end_us))},
          {"unusual_flow", text_of(unusual)}};
}

std::string slow_leak_text(const MeterRegister& read, const FindingLimits& limits, int exponent) {
  return text_of(meters::find_slow_leak(read.least_hours, steps_of_thousandths(limits.leak, exponent)));
}

base::Result<std::string> tamper_text(Context& context, const Caller& caller, const MeterMonth& month, unsigned days) {
  const auto& device = month.device;
  std::vector<meters::Contact> contacts;
  std::size_t wanted = 0;
  for (const auto& series : device.series()) {
    const std::string_view measure = series.measure();
    if (series.kind() != v1::KIND_STATE || (measure != "tamper" && !measure.starts_with("tamper."))) continue;
    wanted += days;
    AggregateFilter filter{.measure = series.measure(),
                           .window = std::string(kLocalDayWindow),
                           .from = month.from,
                           .to = month.to,
                           .tenant = device.tenant(),
                           .device = base::DevEui{device.dev_eui()}};
    const auto rows = rows_of_device(context, caller.scope, filter, true);
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows) {
      if (month_of(row) != month.month) continue;
      contacts.push_back({row.end_us() - row.start_us(), row.duration().known_us(), row.duration().occupied_us()});
    }
  }
  if (contacts.size() < wanted) contacts.push_back({1, 0, 0});
  return text_of(meters::find_tamper(contacts));
}

}  // namespace lenne::api
