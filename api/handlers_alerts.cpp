// Alerts: what is open, what became of one, and acknowledgements. These are written to network-in, judged behind the
// windows, and told as a change of the alert.
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include "api/alert_json.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "api/use_case_fields.hpp"
#include "base/fixed_point.hpp"
#include "lenne/v1/network_in.pb.h"

namespace lenne::api {
namespace {

using storage::views::AlertClass;
using storage::views::AlertFilter;
using storage::views::PageRequest;

constexpr std::size_t kMostNote = 500;
constexpr std::size_t kMostActor = 100;

struct StateWord {
  std::string_view word;
  std::array<AlertClass, 2> classes;
};
constexpr std::array kStates{
    StateWord{"open", {AlertClass::firing, AlertClass::acknowledged}},
    StateWord{"firing", {AlertClass::firing, AlertClass::firing}},
    StateWord{"acknowledged", {AlertClass::acknowledged, AlertClass::acknowledged}},
    StateWord{"pending", {AlertClass::pending, AlertClass::pending}},
    StateWord{"ended", {AlertClass::ended, AlertClass::ended}},
};

base::Result<AlertFilter> filter_of(const Request& request) {
  if (auto known = request.query.only({"tenant", "state", "device", "severity", "limit", "cursor"}); !known)
    return std::unexpected(known.error());
  AlertFilter filter;
  filter.tenant = request.query.text("tenant");
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  filter.device = *device;
  if (const auto state = request.query.find("state")) {
    const auto known = std::ranges::find(kStates, *state, &StateWord::word);
    if (known == kStates.end())
      return base::fail("bad_parameter",
                        "state is open (firing or acknowledged), firing, acknowledged, pending or ended");
    filter.classes.insert(known->classes.begin(), known->classes.end());
  }
  if (const auto severity = request.query.find("severity")) {
    for (const auto least : {v1::SEVERITY_INFO, v1::SEVERITY_WARNING, v1::SEVERITY_ALARM}) {
      if (severity_name(least) == *severity) filter.least = least;
    }
    if (filter.least == v1::SEVERITY_UNSPECIFIED)
      return base::fail("bad_parameter", "severity is info, warning or alarm: the least that is shown");
  }
  return filter;
}

/// What the device measures now: the alert says what it was when its state changed.
void write_now(JsonWriter& json, const Context& context, const Caller& caller, const v1::Alert& alert) {
  const auto device = context.queries.device(caller.scope, {alert.dev_eui()});
  const v1::SeriesView* now = nullptr;
  if (device && *device && alert.statistic().empty()) {
    const auto& series = (**device).series();
    const auto found = std::ranges::find(series, alert.measure(), &v1::SeriesView::measure);
    if (found != series.end() && found->last_us() != 0 && base::is_exponent(found->exponent())) now = &*found;
  }
  json.key("now");
  if (now == nullptr) {
    json.null();
    return;
  }
  json.begin_object().key("value").decimal(now->value(), now->exponent()).key("unit").text(now->unit());
  json.key("time").text(base::to_rfc3339(base::from_us(now->last_us()))).end_object();
}

void write_alert(JsonWriter& json, const Context& context, const Caller& caller, const v1::Alert& alert) {
  json.begin_object();
  write_alert_fields(json, alert);
  write_now(json, context, caller, alert);
  json.end_object();
}

base::Result<v1::AlertView> find_alert(Context& context, const Request& request, const Caller& caller) {
  const auto eui = base::parse_id<base::DevEui>(request.arguments.at(0));
  if (!eui) return base::fail("bad_parameter", "DevEUI: " + eui.error());
  auto row = context.queries.alert(caller.scope, request.query.text("tenant"), *eui, request.arguments.at(1));
  if (!row) return std::unexpected(row.error());
  if (!*row || !can_be_written((**row).alert()))
    return base::fail("not_found", "this device has no alert " + request.arguments.at(1));
  return std::move(**row);
}

/// The body: {"actor":…,"note":…,"firing_since":…}, all optional.
base::Result<v1::AlertAcknowledgement> parse_acknowledgement(const std::string& body, const v1::Alert& alert) {
  v1::AlertAcknowledgement request;
  request.set_dev_eui(alert.dev_eui());
  request.set_rule(alert.rule());
  request.set_firing_since_us(alert.firing_since_us());
  request.set_actor("operator");
  if (body.empty()) return request;
  boost::json::error_code error;
  const auto value = boost::json::parse(body, error);
  const auto* object = value.if_object();
  if (error || object == nullptr) return base::fail("bad_json", R"(the body must be {"actor":…,"note":…})");
  for (const auto& member : *object) {
    const std::string_view field(member.key().data(), member.key().size());
    const auto* text = member.value().if_string();
    const auto given = text == nullptr ? std::string{} : std::string(text->data(), text->size());
    if (field == "actor" && text != nullptr && !given.empty() && given.size() <= kMostActor) {
      request.set_actor(given);
    } else if (field == "note" && text != nullptr && given.size() <= kMostNote) {
      request.set_note(given);
    } else if (field == "firing_since" && text != nullptr) {
      const auto time = base::parse_rfc3339(given);
      if (!time) return base::fail("bad_json", "firing_since: " + time.error());
      request.set_firing_since_us(base::to_us(*time));
    } else {
      return base::fail(
          "bad_json", std::string(field) + " is none of actor (1 to 100 bytes), note (up to 500 bytes), firing_since");
    }
  }
  return request;
}

/// Answers once the alert is another one than it was when it was acknowledged.
class WaitForChange final : public Deferred {
 public:
  WaitForChange(Context& context, Caller caller, v1::Alert before, std::string position)
      : context_(context), caller_(std::move(caller)), before_(std::move(before)), position_(std::move(position)) {}

  std::optional<Response> poll() override {
    const auto now = context_.queries.alert(caller_.scope, before_.tenant(), {before_.dev_eui()}, before_.rule());
    if (!now) return error_response(now.error());
    if (!*now || (**now).alert().revision() == before_.revision()) return std::nullopt;
    return answer(200, (**now).alert());
  }

  /// It is in the log and will be judged.
  Response give_up() override {
    context_.refuse("acknowledgement_late");
    return answer(202, before_);
  }

 private:
  [[nodiscard]] Response answer(unsigned status, const v1::Alert& alert) const {
    JsonWriter json;
    json.begin_object().key("position").text(position_).key("alert");
    write_alert(json, context_, caller_, alert);
    json.end_object();
    return {.status = status, .body = json.take()};
  }

  Context& context_;
  Caller caller_;
  v1::Alert before_;
  std::string position_;
};

}  // namespace

Answer get_alerts(Context& context, const Request& request, const Caller& caller) {
  auto filter = filter_of(request);
  if (!filter) return error_response(filter.error());
  const auto page = page_of(context, request, 100);
  if (!page) return error_response(page.error());
  auto found = context.queries.alerts(caller.scope, *filter, *page);
  if (!found) return error_response(found.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : found->items) {
    if (can_be_written(row.alert())) write_alert(json, context, caller, row.alert());
  }
  return finish(json, found->next);
}

Answer get_alert(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant"}); !known) return error_response(known.error());
  const auto row = find_alert(context, request, caller);
  if (!row) return error_response(row.error());
  const auto changes = context.queries.alert_changes(caller.scope, row->alert());
  if (!changes) return error_response(changes.error());
  JsonWriter json;
  json.begin_object();
  write_alert_fields(json, row->alert());
  write_now(json, context, caller, row->alert());
  json.key("changes").begin_array();
  for (const auto& change : *changes) {
    if (!can_be_written(change.alert())) continue;
    json.begin_object();
    write_alert_fields(json, change.alert());
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

Answer post_acknowledgement(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant"}); !known) return error_response(known.error());
  const auto row = find_alert(context, request, caller);
  if (!row) return error_response(row.error());
  auto parsed = parse_acknowledgement(request.body, row->alert());
  if (!parsed) return error_response(parsed.error());
  if (row->alert().state() != v1::ALERT_STATE_FIRING || parsed->firing_since_us() != row->alert().firing_since_us())
    return error_response({"not_firing", "it is " + std::string(state_name(row->alert().state())) +
                                             ", or another episode than the one that is meant"});
  v1::NetworkIn record;
  record.set_received_us(base::to_us(context.deps.clock.now()));
  *record.mutable_acknowledgement() = std::move(*parsed);
  storage::Batch batch;
  // Its alerts live where its frames arrive: only the record says where that is (devices with fixed keys).
  const char key = static_cast<char>(row->partition());
  batch.append(storage::Topic::network_in, row->partition(), {}, std::string_view(&key, 1), record.SerializeAsString());
  const auto committed = context.deps.log.append(batch);
  if (!committed) return error_response(committed.error());
  return std::make_unique<WaitForChange>(context, caller, row->alert(),
                                         positions_text({{row->partition(), committed->offsets.at(0)}}));
}

}  // namespace lenne::api
