#include "api/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>

#include "api/indicators.hpp"
#include "api/meter_rows.hpp"
#include "base/distribution.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "processing/derived/periods.hpp"
#include "processing/derived/result.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

base::Int128 wide(const v1::Int128& x) { return base::int128_of(x.high(), x.low()); }

std::string time_text(std::int64_t us) { return base::to_rfc3339(base::from_us(us)); }

// The mean has to be divided: in 64 bits of mantissa, so that the nearest double comes out.
double mean_of(const v1::GaugeState& gauge, int exponent) {
  auto mean = static_cast<long double>(wide(gauge.sum())) / static_cast<long double>(gauge.count());
  const auto scale = static_cast<long double>(base::power_of_ten(std::abs(exponent)));
  return static_cast<double>(exponent < 0 ? mean / scale : mean * scale);
}

// Of the whole population. Around an integer near the mean, so that nothing is cancelled; unsigned, because a damaged
// row may say anything.
double deviation_of(const v1::GaugeState& gauge, int exponent) {
  using base::UInt128;
  const auto sum = wide(gauge.sum());
  const auto middle = static_cast<UInt128>(sum / static_cast<base::Int128>(gauge.count()));
  const auto unsigned_sum = static_cast<UInt128>(sum);
  const auto squares =
      static_cast<UInt128>(wide(gauge.sum_squares())) - 2 * middle * unsigned_sum + gauge.count() * middle * middle;
  const auto count = static_cast<long double>(gauge.count());
  const auto shift = static_cast<long double>(static_cast<base::Int128>(unsigned_sum - gauge.count() * middle)) / count;
  const auto steps = std::sqrt(std::max(0.0L, static_cast<long double>(squares) / count - shift * shift));
  const auto scale = static_cast<long double>(base::power_of_ten(std::abs(exponent)));
  return static_cast<double>(exponent < 0 ? steps / scale : steps * scale);
}

enum class Form : std::uint8_t { text, token };

// Every field of a row, as text or as a JSON token; an absent one is given as nothing. One list for JSON and CSV.
using Field = std::function<void(std::string_view name, Form form, std::optional<std::string> value)>;

void gauge_fields(const v1::Aggregate& row, const Field& field) {
  const auto& gauge = row.gauge();
  const bool any = row.has_gauge() && gauge.count() > 0;
  const auto token = [&](std::string_view name, auto&& value) {
    field(name, Form::token, any ? std::optional<std::string>(value()) : std::nullopt);
  };
  token("mean", [&] { return fmt::format("{}", mean_of(gauge, row.exponent())); });
  // Sums over households have neither extremes nor squares.
  const auto extreme = [&](const std::string& name, bool known, const v1::Point& point) {
    known = known && any;
    field(name, Form::token, known ? std::optional(base::to_decimal(point.value(), row.exponent())) : std::nullopt);
    field(name + "_time", Form::text, known ? std::optional(time_text(point.time_us())) : std::nullopt);
  };
  extreme("min", gauge.has_min(), gauge.min());
  extreme("max", gauge.has_max(), gauge.max());
  field("deviation", Form::token,
        any && gauge.has_sum_squares() ? std::optional(fmt::format("{}", deviation_of(gauge, row.exponent())))
                                       : std::nullopt);
  for (const auto& [name, share] : {std::pair("p10", 10U), {"p50", 50U}, {"p85", 85U}, {"p90", 90U}}) {
    const auto value =
        base::quantile({gauge.bucket().data(), static_cast<std::size_t>(gauge.bucket_size())},
                       {gauge.bucket_count().data(), static_cast<std::size_t>(gauge.bucket_count_size())}, share,
                       gauge.min().value(), gauge.max().value());
    field(name, Form::token, value ? std::optional(base::to_decimal(*value, row.exponent())) : std::nullopt);
  }
}

void sum_field(const v1::Aggregate& row, const Field& field) {
  std::optional<std::string> sum;
  if (row.gauge().count() > 0 && row.kind() != v1::KIND_HELD)
    sum = base::to_decimal(wide(row.gauge().sum()), row.exponent());
  if (row.has_counter()) sum = base::to_decimal(wide(row.counter().amount()), row.exponent());
  field("sum", Form::token, sum);
}

void duration_fields(const v1::Aggregate& row, const Field& field) {
  const auto& duration = row.duration();
  std::optional<std::string> share, occupied, known, arrivals, transitions;
  if (row.has_duration()) {
    occupied = base::to_decimal(duration.occupied_us(), -6);
    known = base::to_decimal(duration.known_us(), -6);
    arrivals = std::to_string(duration.transitions_on());
    transitions = std::to_string(duration.transitions_on() + duration.transitions_off());
    if (duration.known_us() > 0) {
      share = fmt::format("{}", static_cast<double>(duration.occupied_us()) / static_cast<double>(duration.known_us()));
    }
  }
  field("occupied_share", Form::token, share);
  field("occupied_s", Form::token, occupied);
  field("known_s", Form::token, known);
  field("arrivals", Form::token, arrivals);
  field("transitions", Form::token, transitions);
}

void counter_fields(const v1::Aggregate& row, const Field& field) {
  const auto& counter = row.counter();
  const bool any = row.has_counter();
  const auto steps = [&](std::string_view name, const v1::Int128& value) {
    field(name, Form::token, any ? std::optional(base::to_decimal(wide(value), row.exponent())) : std::nullopt);
  };
  const auto times = [&](std::string_view name, std::uint64_t value) {
    field(name, Form::token, any ? std::optional(std::to_string(value)) : std::nullopt);
  };
  steps("estimated", counter.estimated());
  times("resets", counter.resets());
  steps("interpolated", counter.interpolated());
  steps("reverse", counter.reverse());
  times("exchanges", counter.exchanges());
  times("quarantined", counter.quarantined());
  std::optional<std::string> quality;
  if (any) quality = meters::letter_of(meters::quality_of(slice_of(row), row.final()));
  field("quality", Form::text, quality);
}

/// "school-air@2/9f0c1a44"
std::string name_of(const v1::AppliedRules& rules) {
  return fmt::format("{}@{}/{:08x}", rules.use_case(), rules.version(), rules.fingerprint());
}

std::string rules_text(const v1::Aggregate& row) {
  std::string text;
  for (const auto& rules : row.rules()) text += (text.empty() ? "" : " ") + name_of(rules);
  return text;
}

void each_field(const v1::Aggregate& row, const Field& field) {
  field("tenant", Form::text, row.tenant().empty() ? std::nullopt : std::optional(row.tenant()));
  field("site", Form::text, row.site().empty() ? std::nullopt : std::optional(row.site()));
  const bool device = row.dev_eui() != 0;
  field("dev_eui", Form::text, device ? std::optional(base::hex_of(row.dev_eui(), 16)) : std::nullopt);
  field("device", Form::text, device ? std::optional(row.device_name()) : std::nullopt);
  field("measure", Form::text, row.measure());
  field("unit", Form::text, row.unit());
  field("kind", Form::text, std::string(kind_name(row.kind())));
  field("window", Form::text, row.window());
  field("start", Form::text, time_text(row.start_us()));
  field("end", Form::text, time_text(row.end_us()));
  field("count", Form::token, std::to_string(processing::derived::samples_of(row)));
  gauge_fields(row, field);
  sum_field(row, field);
  duration_fields(row, field);
  counter_fields(row, field);
  const auto coverage = coverage_of(row);
  field("coverage", Form::token, coverage ? std::optional(fmt::format("{}", *coverage)) : std::nullopt);
  field("valid", Form::token,
        coverage ? std::optional<std::string>(*coverage >= kValidCoverage ? "true" : "false") : std::nullopt);
  field("left_out", Form::token, device ? std::optional(std::to_string(row.left_out())) : std::nullopt);
  field("final", Form::token, row.final() ? "true" : "false");
  field("revision", Form::token, std::to_string(row.revision()));
  field("rules", Form::text, row.rules().empty() ? std::nullopt : std::optional(rules_text(row)));
}

/// "15m" -> "PT15M"; such a name stays as it is.
std::optional<std::string> duration_of(std::string_view text) {
  if (text.starts_with("PT") && text.size() <= 16) return std::string(text);
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || at + 1 != end || number == 0 || number > 86'400) return std::nullopt;
  const std::uint64_t seconds = *at == 's' ? number : *at == 'm' ? number * 60 : *at == 'h' ? number * 3600 : 0;
  if (seconds == 0) return std::nullopt;
  if (seconds % 3600 == 0) return fmt::format("PT{}H", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("PT{}M", seconds / 60);
  return fmt::format("PT{}S", seconds);
}

}  // namespace

void write_aggregate_fields(JsonWriter& json, const v1::Aggregate& aggregate) {
  write_result_fields(json, aggregate);
  write_indicators(json, aggregate);
}

void write_result_fields(JsonWriter& json, const v1::Aggregate& aggregate) {
  each_field(aggregate, [&](std::string_view name, Form form, const std::optional<std::string>& value) {
    json.key(name);
    if (!value) {
      json.null();
    } else if (form == Form::text) {
      json.text(*value);
    } else {
      json.raw(*value);
    }
  });
}

void write_result_names(CsvWriter& csv) {
  each_field({}, [&](std::string_view name, Form, const std::optional<std::string>&) { csv.field(name); });
}

void write_result_values(CsvWriter& csv, const v1::Aggregate& aggregate) {
  each_field(aggregate,
             [&](std::string_view, Form, const std::optional<std::string>& value) { csv.field(value.value_or("")); });
}

void write_aggregate_header(CsvWriter& csv) {
  write_result_names(csv);
  csv.field("indicators").end_row();
}

void write_aggregate_row(CsvWriter& csv, const v1::Aggregate& aggregate) {
  write_result_values(csv, aggregate);
  csv.field(indicators_text(aggregate)).end_row();
}

std::string_view kind_name(v1::Kind kind) noexcept {
  switch (kind) {
    case v1::KIND_GAUGE:
      return "gauge";
    case v1::KIND_COUNTER:
      return "counter";
    case v1::KIND_STATE:
      return "state";
    case v1::KIND_EVENT:
      return "event";
    case v1::KIND_INFO:
      return "info";
    case v1::KIND_HELD:
      return "held";
    default:
      return "unspecified";
  }
}

base::Result<std::string> window_of_resolution(std::string_view resolution) {
  // Days have names of their own; their windows are those of lenne::processing::kCalendars.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kDays{{{"1d", "P1D"},
                                                                                {"day_local", "P1D"},
                                                                                {"day_utc", "PT24H"},
                                                                                {"day_cet", "P1D-CET"},
                                                                                {"rain_day", "P1D-RAIN"},
                                                                                {"gas_day", "P1D-GAS"}}};
  for (const auto& [name, window] : kDays) {
    if (resolution == name || resolution == window) return std::string(window);
  }
  for (const auto& kind : processing::derived::period_kinds()) {
    if (resolution == kind.name || resolution == kind.window) return std::string(kind.window);
  }
  const auto slash = resolution.find('/');
  auto name = duration_of(resolution.substr(0, slash));
  if (slash != std::string_view::npos) {
    const auto hop = duration_of(resolution.substr(slash + 1));
    name = name && hop ? std::optional(*name + "/" + *hop) : std::nullopt;
  }
  if (name) return *name;
  return base::fail("bad_parameter",
                    "res is a length of time such as 1m, 15m or 1h, 1h/10m for windows that begin each "
                    "10 minutes, or one of day_local (1d), day_utc, day_cet, rain_day, gas_day, or a month or year of "
                    "such days (month, month_utc, month_cet, rain_month, gas_month, year, year_utc …), not " +
                        std::string(resolution));
}

std::optional<double> coverage_of(const v1::Aggregate& aggregate) noexcept {
  // As doubles: the difference of any two times can be more than a signed number holds.
  const auto length = static_cast<double>(aggregate.end_us()) - static_cast<double>(aggregate.start_us());
  if (length <= 0) return std::nullopt;
  if (processing::derived::has_unknown_coverage(aggregate)) return std::nullopt;
  const auto share = static_cast<double>(aggregate.covered_us()) / length;
  return std::clamp(share, 0.0, 1.0);
}

}  // namespace lenne::api
