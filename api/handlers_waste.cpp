// Containers and when they are due, for those who send out the lorries.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/waste.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::size_t kMostContainers = 200;
constexpr std::chrono::hours kFillingAbsent{14 * 24};
constexpr std::chrono::days kFillingLongest{62};

struct Container {
  SeriesItem item;
  derived::Filling filling;
};

// The fullest first of those of which nobody knows when.
DueOrder container_order(const Container& container) {
  return due_order(container.filling.due_us, -container.filling.fill_micro, container.item.device);
}

void write_container(JsonWriter& json, const Container& container) {
  const auto& filling = container.filling;
  const auto time = [](std::int64_t us) { return base::to_rfc3339(base::from_us(us)); };
  json.begin_object();
  write_who(json, container.item.device);
  write_micro(json, "fill", filling.fill_micro);
  json.key("time").text(time(filling.time_us));
  write_micro(json, "slope", filling.slope_micro);
  json.key("due");
  filling.due_us ? json.text(time(*filling.due_us)) : json.null();
  json.key("full_hours").real(static_cast<double>(filling.full_us) / static_cast<double>(derived::kHourUs));
  json.key("emptyings").begin_array();
  for (const auto& emptying : filling.emptyings) {
    json.begin_object().key("time").text(time(emptying.time_us));
    write_micro(json, "fill", emptying.fill_micro);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

Answer get_waste(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to"}); !known)
    return error_response(known.error());
  auto span = hours_of(context, request, kFillingAbsent, kFillingLongest);
  if (!span) return error_response(span.error());
  auto found = whole_list(context, request, caller, "fill_level", kMostContainers, "containers");
  if (!found) return error_response(found.error());
  std::vector<Container> containers;
  for (auto& item : *found) {
    auto hours = results_of(context, caller, item, std::string(kHourWindow), *span);
    if (!hours) return error_response(hours.error());
    if (auto filling = derived::filling_of(*hours)) containers.push_back({std::move(item), std::move(*filling)});
  }
  std::ranges::sort(containers, {}, container_order);
  JsonWriter json;
  json.begin_object().key("unit").text("%").key("slope_unit").text("%/h").key("items").begin_array();
  for (const auto& container : containers) write_container(json, container);
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
