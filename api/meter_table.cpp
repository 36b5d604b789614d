#include "api/meter_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "api/meter_rows.hpp"
#include "api/stored_results.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/obis.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using std::chrono::year_month_day;

/// By the local clock, with its offset. `day`: a local day of which `time_us` is a full hour, or the end.
std::string local_text(std::int64_t time_us, const v1::Aggregate& day) {
  std::chrono::sys_days date{date_of_day(day.start_us())};
  const bool is_end = time_us == day.end_us();
  if (is_end) date += std::chrono::days{1};
  const int hour = is_end ? 0 : meters::clock_hour({day.start_us(), day.end_us()}, time_us);
  const auto local = base::Timestamp{date} + std::chrono::hours{hour};
  const auto minutes = (base::to_us(local) - time_us) / 60'000'000;
  return fmt::format("{}{}{:02}:{:02}", base::to_rfc3339(local).substr(0, 19), minutes < 0 ? '-' : '+',
                     std::abs(minutes) / 60, std::abs(minutes) % 60);
}

/// With a decimal comma.
std::string german(RowField field) {
  if (field.form == RowField::Form::token) std::ranges::replace(field.value, '.', ',');
  return std::move(field.value);
}

void make_local(std::vector<RowField>& fields, const v1::Aggregate& window, const v1::Aggregate& day) {
  for (auto& field : fields) {
    if (field.name == "start") field.value = local_text(window.start_us(), day);
    if (field.name == "end") field.value = local_text(window.end_us(), day);
  }
}

void write_fields(CsvWriter& csv, std::vector<RowField> fields, bool in_german) {
  for (auto& field : fields) csv.field(in_german ? german(std::move(field)) : field.value);
  csv.end_row();
}

Response csv_response(CsvWriter& csv, bool in_german) {
  return page_of_type("text/csv; charset=utf-8", (in_german ? "\xef\xbb\xbf" : "") + csv.take(), {});
}

}  // namespace

base::Result<MeterFormat> meter_format(const Request& request) {
  const auto format = request.query.find("format").value_or("json");
  if (format == "json") return MeterFormat::json;
  if (format == "csv") return MeterFormat::csv;
  if (format == "csv-de") return MeterFormat::csv_de;
  return base::fail("bad_parameter", "format is json, csv or csv-de");
}

void write_row(JsonWriter& json, const std::vector<RowField>& fields) {
  json.begin_object();
  for (const auto& field : fields) {
    json.key(field.name);
    if (field.form == RowField::Form::token)
      json.raw(field.value);
    else if (field.form == RowField::Form::name && field.value.empty())
      json.null();
    else
      json.text(field.value);
  }
  json.end_object();
}

std::vector<RowField> window_fields(const MeterWindow& window, std::vector<RowField> more) {
  using enum RowField::Form;
  const auto& [row, method] = window;
  const auto& counter = row.counter();
  std::vector<RowField> fields{{"start", base::to_rfc3339(base::from_us(row.start_us()))},
                               {"end", base::to_rfc3339(base::from_us(row.end_us()))},
                               {"amount", base::to_decimal(steps_of(counter.amount()), row.exponent()), token},
                               {"estimated", base::to_decimal(steps_of(counter.estimated()), row.exponent()), token},
                               {"quality", std::string(meters::letter_of(quality_of_row(row)))},
                               {"substitute", std::string(meters::name_of(method)), name}};
  std::ranges::move(more, std::back_inserter(fields));
  return fields;
}

meters::Quality quality_of_row(const v1::Aggregate& row) { return meters::quality_of(slice_of(row), row.final()); }

std::string obis_text(std::string_view measure) {
  const auto obis = meters::obis_of(measure);
  return obis ? meters::to_string(*obis) : std::string();
}

std::string date_text(const year_month_day& date) { return date_text(std::chrono::sys_days{date}); }

void write_series(JsonWriter& json, const v1::SeriesView& series) {
  json.key("measure").text(series.measure());
  const auto obis = obis_text(series.measure());
  json.key("obis");
  obis.empty() ? json.null() : json.text(obis);
  json.key("unit").text(series.unit());
}

void write_meter(JsonWriter& json, const MeterMonth& month) {
  const auto& device = month.device;
  json.key("dev_eui").text(base::to_hex(base::DevEui{device.dev_eui()})).key("device").text(device.name());
  json.key("tenant").text(device.tenant());
  json.key("month").text(date_text(month.month / 1).substr(0, 7));
}

MeterCsv::MeterCsv(const v1::DeviceView& device, MeterFormat format, const std::vector<RowField>& like)
    : device_(&device), german_(format == MeterFormat::csv_de), csv_(german_ ? ';' : ',') {
  for (const auto* name : {"dev_eui", "device", "measure", "obis", "unit"}) csv_.field(name);
  for (const auto& field : like) csv_.field(field.name);
  csv_.end_row();
}

void MeterCsv::row(const v1::SeriesView& series, const v1::Aggregate& window, const v1::Aggregate& day,
                   std::vector<RowField> fields) {
  csv_.field(base::hex_of(device_->dev_eui(), 16)).field(device_->name()).field(series.measure());
  csv_.field(obis_text(series.measure())).field(series.unit());
  if (german_) make_local(fields, window, day);
  write_fields(csv_, std::move(fields), german_);
}

Response MeterCsv::response() { return csv_response(csv_, german_); }

Response table_csv(MeterFormat format, const std::vector<RowField>& like,
                   const std::vector<std::vector<RowField>>& rows) {
  const bool in_german = format == MeterFormat::csv_de;
  CsvWriter csv(in_german ? ';' : ',');
  for (const auto& field : like) csv.field(field.name);
  csv.end_row();
  for (const auto& row : rows) write_fields(csv, row, in_german);
  return csv_response(csv, in_german);
}

}  // namespace lenne::api
