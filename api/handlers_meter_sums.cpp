// Sums over customers' meters, so many together that none can be told from them.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_sums.hpp"
#include "api/meter_table.hpp"
#include "base/fixed_point.hpp"
#include "processing/meters/gate.hpp"
#include "processing/meters/measures.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

/// What a sum is made of.
struct Sum {
  base::Int128 amount = 0;
  std::int64_t measured_us = 0;
  std::size_t meters = 0;

  void add(const SiteMeters& site) {
    for (const auto& meter : site.meters) {
      amount += meter.amount;
      measured_us += meter.measured_us;
    }
    meters += site.meters.size();
  }
};

std::vector<RowField> sum_fields(const std::string& tenant, const std::string& site, const std::string& measure,
                                 const MeterDay& day, const Sum& sum) {
  using enum RowField::Form;
  const auto whole = static_cast<double>(day.end_us - day.start_us) * static_cast<double>(sum.meters);
  const auto coverage = whole > 0 ? static_cast<double>(sum.measured_us) / whole : 0.0;
  return {{"tenant", tenant},
          {"site", site, name},
          {"measure", measure},
          {"unit", day.unit},
          {"start", base::to_rfc3339(base::from_us(day.start_us))},
          {"end", base::to_rfc3339(base::from_us(day.end_us))},
          {"amount", base::to_decimal(sum.amount, day.exponent), token},
          {"meters", std::to_string(sum.meters), token},
          {"coverage", fmt::format("{}", coverage), token},
          {"rules_version", std::to_string(meters::kGateRules.version), token}};
}

}  // namespace

Answer get_meter_sums(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"measure", "group", "from", "to", "tenant", "format"}); !known)
    return error_response(known.error());
  const auto format = meter_format(request);
  if (!format) return error_response(format.error());
  const auto measure = measure_named(request.query.find("measure").value_or("water_volume"));
  if (!measure) return error_response(measure.error());
  if (!meters::is_register(*measure)) return error_response({"bad_parameter", *measure + " is no register of a meter"});
  const auto group = request.query.find("group").value_or("site");
  if (group != "site" && group != "tenant") return error_response({"bad_parameter", "group is site or tenant"});
  const auto tenant = tenant_asked(request, caller);
  if (!tenant) return error_response(tenant.error());
  const auto span = span_of(context, request, std::chrono::hours{7 * 24});
  if (!span) return error_response(span.error());
  const auto days = meter_days(context, caller, *tenant, *measure, *span);
  if (!days) return error_response(days.error());
  std::vector<std::vector<RowField>> rows;
  for (const auto& day : *days) {
    Sum whole;
    for (const auto& site : day.sites) {
      whole.add(site);
      Sum sum;
      sum.add(site);
      if (group == "site" && site.told) rows.push_back(sum_fields(*tenant, site.site, *measure, day, sum));
    }
    if (group == "tenant" && day.told) rows.push_back(sum_fields(*tenant, {}, *measure, day, whole));
  }
  if (*format != MeterFormat::json) return table_csv(*format, sum_fields({}, {}, {}, {}, {}), rows);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : rows) write_row(json, row);
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
