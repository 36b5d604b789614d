#pragma once
// Rows of a meter's month, the same in JSON, CSV and CSV for programs in German.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/csv.hpp"
#include "api/json_writer.hpp"
#include "api/meter_month.hpp"
#include "api/request.hpp"
#include "processing/meters/quality.hpp"

namespace lenne::api {

enum class MeterFormat : std::uint8_t { json, csv, csv_de };
/// `format`, json when absent. Error: bad_parameter.
[[nodiscard]] base::Result<MeterFormat> meter_format(const Request& request);

/// One field of a row.
struct RowField {
  enum class Form : std::uint8_t {
    text,
    name,   ///< text, or null when it is empty
    token,  ///< as JSON writes a number
  };
  std::string_view name;
  std::string value;
  Form form = Form::text;
};
/// An object.
void write_row(JsonWriter& json, const std::vector<RowField>& fields);
/// `start`, `end`, `amount`, `estimated`, `quality` and `substitute` of a result, with `more` behind them.
[[nodiscard]] std::vector<RowField> window_fields(const MeterWindow& window, std::vector<RowField> more);

[[nodiscard]] processing::meters::Quality quality_of_row(const v1::Aggregate& row);
/// The OBIS code of a measure; empty for one without.
[[nodiscard]] std::string obis_text(std::string_view measure);
/// "2026-07-01".
[[nodiscard]] std::string date_text(const std::chrono::year_month_day& date);
/// The keys measure, obis and unit.
void write_series(JsonWriter& json, const v1::SeriesView& series);
/// The keys dev_eui, device, tenant and month.
void write_meter(JsonWriter& json, const MeterMonth& month);

/// A header and the rows, all with the fields of `like`; for programs in German with semicolons, decimal commas and a
/// byte order mark.
[[nodiscard]] Response table_csv(MeterFormat format, const std::vector<RowField>& like,
                                 const std::vector<std::vector<RowField>>& rows);

/// All rows of a device's registers; each row's own fields stand behind whose they are. For programs in German with
/// semicolons, decimal commas, times of the local clock with its offset, and a byte order mark, by which spreadsheets
/// know UTF-8.
class MeterCsv {
 public:
  /// `like`: a row's fields, for their names.
  MeterCsv(const v1::DeviceView& device, MeterFormat format, const std::vector<RowField>& like);
  /// `day`: the local day that `window` lies in, or is.
  void row(const v1::SeriesView& series, const v1::Aggregate& window, const v1::Aggregate& day,
           std::vector<RowField> fields);
  [[nodiscard]] Response response();

 private:
  const v1::DeviceView* device_;
  bool german_;
  CsvWriter csv_;
};

}  // namespace lenne::api
