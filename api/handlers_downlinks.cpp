// Downlinks of applications: written to network-in, judged by the network, and the outcome told.
#include <boost/json.hpp>

#include <map>
#include <optional>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "base/bytes.hpp"
#include "base/slot.hpp"
#include "lenne/v1/network_in.pb.h"

namespace lenne::api {
namespace {

base::Result<v1::DownlinkRequest> parse_downlink(const std::string& dev_eui, const std::string& body) {
  const auto eui = base::parse_id<base::DevEui>(dev_eui);
  if (!eui) return base::fail("bad_parameter", "DevEUI: " + eui.error());
  boost::json::error_code error;
  const auto value = boost::json::parse(body, error);
  const auto* object = value.if_object();
  if (error || object == nullptr)
    return base::fail("bad_json", R"(the body must be {"f_port":…,"payload":"hex","confirmed":…})");
  v1::DownlinkRequest request;
  request.set_dev_eui(eui->value);
  for (const auto& member : *object) {
    const std::string_view field(member.key().data(), member.key().size());
    const auto& given = member.value();
    if (field == "f_port" && given.is_int64() && given.get_int64() >= 0 && given.get_int64() <= 255) {
      request.set_f_port(static_cast<std::uint32_t>(given.get_int64()));
    } else if (field == "payload" && given.is_string()) {
      const auto bytes = base::from_hex(std::string_view(given.get_string().data(), given.get_string().size()));
      if (!bytes) return base::fail("bad_json", "payload: " + bytes.error());
      request.set_payload(bytes->data(), bytes->size());
    } else if (field == "confirmed" && given.is_bool()) {
      request.set_confirmed(given.get_bool());
    } else {
      return base::fail("bad_json", std::string(field) + R"( is none of f_port (0 to 255), payload (hex), confirmed)");
    }
  }
  if (!object->contains("f_port")) return base::fail("bad_json", "f_port is required");
  return request;
}

class WaitForOutcome final : public Deferred {
 public:
  WaitForOutcome(Context& context, std::uint64_t request_id, std::string position)
      : context_(context), request_id_(request_id), position_(std::move(position)) {}

  std::optional<Response> poll() override {
    const auto outcome = context_.queries.outcome(request_id_);
    if (!outcome) return error_response(outcome.error());
    if (!*outcome) return std::nullopt;
    if (!(**outcome).accepted()) return error_response({(**outcome).code(), (**outcome).message()});
    return answer(200, false);
  }

  // It is in the log and will be judged; only the outcome is not known yet.
  Response give_up() override {
    context_.refuse("downlink_outcome_late");
    return answer(202, true);
  }

 private:
  [[nodiscard]] Response answer(unsigned status, bool pending) const {
    JsonWriter json;
    json.begin_object().key("request_id").text(base::hex_of(request_id_, 16)).key("position").text(position_);
    json.key("pending").boolean(pending).end_object();
    return {.status = status, .body = json.take()};
  }

  Context& context_;
  std::uint64_t request_id_;
  std::string position_;
};

}  // namespace

Answer post_downlink(Context& context, const Request& request, const Caller&) {
  if (auto known = request.query.only({}); !known) return error_response(known.error());
  auto parsed = parse_downlink(request.arguments.at(0), request.body);
  if (!parsed) return error_response(parsed.error());
  const auto request_id = context.next_request_id++;
  parsed->set_request_id(request_id);

  v1::NetworkIn record;
  record.set_received_us(base::to_us(context.deps.clock.now()));
  const auto slot = base::slot_of(base::DevEui{parsed->dev_eui()});
  *record.mutable_downlink() = std::move(*parsed);
  const auto partition = base::partition_of(slot, context.deps.log.network_partitions());
  storage::Batch batch;
  const char key = static_cast<char>(slot);
  batch.append(storage::Topic::network_in, partition, {}, std::string_view(&key, 1), record.SerializeAsString());
  const auto committed = context.deps.log.append(batch);
  if (!committed) return error_response(committed.error());
  auto position = positions_text({{partition, committed->offsets.at(0)}});
  return std::make_unique<WaitForOutcome>(context, request_id, std::move(position));
}

}  // namespace lenne::api
