#include "api/rollup_rows.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "api/rows.hpp"
#include "base/fixed_point.hpp"
#include "base/time.hpp"

namespace lenne::api {
namespace {

constexpr std::array<std::pair<std::string_view, v1::RollupLevel>, 5> kLevels{{
    {"site", v1::ROLLUP_LEVEL_SITE},
    {"area", v1::ROLLUP_LEVEL_AREA},
    {"tenant", v1::ROLLUP_LEVEL_TENANT},
    {"district", v1::ROLLUP_LEVEL_DISTRICT},
    {"region", v1::ROLLUP_LEVEL_REGION},
}};

std::string_view name_of(v1::RollupLevel level) {
  for (const auto& [name, named] : kLevels) {
    if (named == level) return name;
  }
  return "";
}

// As a device's result whose samples are the members.
v1::Aggregate as_aggregate(const v1::Rollup& rollup) {
  v1::Aggregate row;
  row.set_tenant(rollup.tenant());
  row.set_site(rollup.site());
  row.set_measure(rollup.measure());
  row.set_unit(rollup.unit());
  row.set_kind(rollup.kind());
  row.set_exponent(rollup.exponent());
  row.set_window(rollup.window());
  row.set_time_zone(rollup.time_zone());
  row.set_start_us(rollup.start_us());
  row.set_end_us(rollup.end_us());
  row.set_revision(rollup.revision());
  row.set_final(true);
  if (rollup.members_total() > 0) {
    row.set_nominal_interval_s(1);
    row.set_covered_us((rollup.end_us() - rollup.start_us()) / rollup.members_total() * rollup.members_used());
  }
  if (rollup.has_duration()) {
    *row.mutable_duration() = rollup.duration();
  } else {
    *row.mutable_gauge() = rollup.members();
  }
  return row;
}

struct Extra {
  std::string_view name;
  std::optional<std::string> value;
  bool text;
};

std::array<Extra, 9> extras_of(const v1::Rollup& rollup) {
  const auto value = [&](bool any, const v1::Point& point) {
    return any ? std::optional(base::to_decimal(point.value(), rollup.exponent())) : std::nullopt;
  };
  const auto time = [](bool any, const v1::Point& point) {
    return any ? std::optional(base::to_rfc3339(base::from_us(point.time_us()))) : std::nullopt;
  };
  const auto text = [](const std::string& name) { return name.empty() ? std::nullopt : std::optional(name); };
  return {{{"level", std::string(name_of(rollup.level())), true},
           {"area", text(rollup.area()), true},
           {"district", text(rollup.district()), true},
           {"members_used", std::to_string(rollup.members_used()), false},
           {"members_total", std::to_string(rollup.members_total()), false},
           {"lowest", value(rollup.has_lowest(), rollup.lowest()), false},
           {"lowest_time", time(rollup.has_lowest(), rollup.lowest()), true},
           {"highest", value(rollup.has_highest(), rollup.highest()), false},
           {"highest_time", time(rollup.has_highest(), rollup.highest()), true}}};
}

std::string_view privacy_text(const v1::OpenRollup& open) {
  return open.privacy() == v1::PRIVACY_CLASS_HOUSEHOLD ? "household" : "open";
}

}  // namespace

std::optional<v1::RollupLevel> level_named(std::string_view name) noexcept {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return std::nullopt;
}

void write_rollup_fields(JsonWriter& json, const v1::Rollup& rollup) {
  write_result_fields(json, as_aggregate(rollup));
  for (const auto& [name, value, text] : extras_of(rollup)) {
    json.key(name);
    if (!value) {
      json.null();
    } else if (text) {
      json.text(*value);
    } else {
      json.raw(*value);
    }
  }
}

void write_rollup_header(CsvWriter& csv, const v1::Rollup& like) {
  write_result_names(csv);
  for (const auto& extra : extras_of(like)) csv.field(extra.name);
  csv.end_row();
}

void write_rollup_row(CsvWriter& csv, const v1::Rollup& rollup) {
  write_result_values(csv, as_aggregate(rollup));
  for (const auto& extra : extras_of(rollup)) csv.field(extra.value.value_or(""));
  csv.end_row();
}

void write_rollup_fields(JsonWriter& json, const v1::OpenRollup& open) {
  json.key("privacy").text(privacy_text(open));
  write_rollup_fields(json, open.result());
}

void write_rollup_header(CsvWriter& csv, const v1::OpenRollup& like) {
  csv.field("privacy");
  write_rollup_header(csv, like.result());
}

void write_rollup_row(CsvWriter& csv, const v1::OpenRollup& open) {
  csv.field(privacy_text(open));
  write_rollup_row(csv, open.result());
}

}  // namespace lenne::api
