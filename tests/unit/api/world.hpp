#pragma once
// A server on a log in memory, with a stand-in for the network step and the views behind it, and a plain HTTP client.

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "api/http_server.hpp"
#include "base/slot.hpp"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "storage/memory/memory_log.hpp"
#include "storage/views/keys.hpp"
#include "storage/views/views.hpp"
#include "tests/unit/api/client.hpp"

namespace lenne::api {

inline const std::int64_t kStartUs = 1'795'478'400'000'000;  // 2026-11-24T00:00:00Z
inline const std::string kOperator = "operator-secret";

class World {
 public:
  explicit World(HttpSettings settings = {}, Hooks hooks = {}, bool pump = true)
      : settings_(with_defaults(std::move(settings))),
        server_(settings_, {log, clock, counters, vault, with_schema(std::move(hooks))}) {
    views.open(log.state());
    views_consumer_ =
        log.consumer({"views", {std::begin(storage::views::kViewTopics), std::end(storage::views::kViewTopics)}})
            .value();
    network_consumer_ = log.consumer({"network", {storage::Topic::network_in}}).value();
    auto bound = server_.start();
    EXPECT_TRUE(bound) << (bound ? "" : bound.error().message);
    address = bound.value_or("");
    port_ = static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
    if (pump) {
      pump_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) run_once(base::Duration{2'000});
      });
    }
  }
  ~World() { stop(); }
  void stop() {
    pump_ = {};
    server_.stop();
  }

  // The network step's part: writes outcomes as it does. Then the views.
  void run_once(base::Duration patience) {
    auto poll = network_consumer_->poll(patience, 1000);
    ASSERT_TRUE(poll);
    storage::Batch batch;
    for (const auto& record : poll->records) judge(record, batch);
    if (!poll->records.empty()) {
      ASSERT_TRUE(network_consumer_->commit(batch));
    }
    auto seen = views_consumer_->poll(base::Duration{0}, 1000);
    ASSERT_TRUE(seen);
    if (seen->records.empty()) return;
    storage::Batch rows;
    for (const auto& record : seen->records) views.apply(record, rows);
    views.flush(rows);
    ASSERT_TRUE(views.health());
    ASSERT_TRUE(views_consumer_->commit(rows));
  }

  void event(v1::DeviceEvent event) {
    storage::Batch batch;
    const auto partition = base::partition_of(base::slot_of(base::DevEui{event.dev_eui()}), log.network_partitions());
    batch.append(storage::Topic::event, partition, event.tenant(), "k", event.SerializeAsString());
    ASSERT_TRUE(log.append(batch));
  }
  void uplink(const std::string& tenant, std::uint64_t eui, std::uint32_t f_cnt) {
    v1::DeviceEvent uplink;
    uplink.set_tenant(tenant);
    uplink.set_dev_eui(eui);
    uplink.set_time_us(kStartUs);
    uplink.set_received_us(base::to_us(clock.now()));
    uplink.mutable_uplink()->set_f_cnt(f_cnt);
    uplink.mutable_uplink()->mutable_first()->set_gateway_id(0xa1);
    event(uplink);
  }
  void measure(const std::string& tenant, std::uint64_t eui, std::int64_t value, std::int64_t time_us = kStartUs,
               std::uint32_t flags = 0) {
    v1::Measurement measurement;
    measurement.set_tenant(tenant);
    measurement.set_dev_eui(eui);
    auto& sample = *measurement.add_samples();
    sample.set_measure("temperature");
    sample.set_unit("Cel");
    sample.set_kind(v1::KIND_GAUGE);
    sample.set_value(value);
    sample.set_exponent(-6);
    sample.set_time_us(time_us);
    sample.set_flags(flags);
    append(storage::Topic::measurement, tenant, "k", measurement.SerializeAsString());
  }
  v1::Aggregate aggregate(const std::string& tenant, std::uint64_t eui, std::int64_t start_us) {
    v1::Aggregate row;
    row.set_tenant(tenant);
    row.set_dev_eui(eui);
    row.set_measure("temperature");
    row.set_window("PT15M");
    row.set_kind(v1::KIND_GAUGE);
    row.set_start_us(start_us);
    row.set_end_us(start_us + 900'000'000);
    row.set_final(true);
    append(storage::Topic::aggregate, tenant, "k" + std::to_string(eui) + "/" + std::to_string(start_us),
           row.SerializeAsString());
    return row;
  }
  void alert(const v1::Alert& alert) {
    append(storage::Topic::alert, alert.tenant(), base::hex_of(alert.dev_eui(), 16) + "/" + alert.rule(),
           alert.SerializeAsString());
  }
  void append(storage::Topic topic, const std::string& tenant, const std::string& key, const std::string& value) {
    storage::Batch batch;
    batch.append(topic, 0, tenant, key, value);
    ASSERT_TRUE(log.append(batch));
  }

  // One request on a connection of its own.
  Reply ask(const std::string& method, const std::string& target, const std::string& token = kOperator,
            const std::string& body = {}, const std::map<std::string, std::string>& headers = {}) {
    auto request = method + " " + target + " HTTP/1.1\r\nHost: lenne\r\nConnection: close\r\n";
    if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
    for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
    if (!body.empty() || method == "POST") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return send_raw(request + "\r\n" + body, method == "HEAD");
  }
  Reply get(const std::string& target, const std::string& token = kOperator) { return ask("GET", target, token); }
  Reply post(const std::string& target, const std::string& body, const std::string& token = kOperator) {
    return ask("POST", target, token, body);
  }
  // Sends bytes as they are and reads one answer (status 0: the server closed).
  Reply send_raw(const std::string& bytes, bool head = false) {
    auto connection = connect();
    connection.send(bytes);
    return connection.read(head);
  }
  Connection connect() { return Connection(port_); }
  LiveSocket live(const std::string& target, const std::string& token = kOperator) {
    return {port_, target + (target.find('?') == std::string::npos ? "?" : "&") + "token=" + token};
  }

  // Applies documents and returns "action, action, …".
  std::string apply(const std::string& documents, const std::string& query = {}) {
    const auto reply = post("/v1/apply" + query, documents);
    if (reply.status != 200) return std::to_string(reply.status) + " " + reply.body;
    std::string actions;
    for (const auto& result : reply.json().at("results").as_array()) {
      actions += (actions.empty() ? "" : ", ") + std::string(result.as_object().at("action").as_string());
    }
    return actions;
  }
  void two_towns() {
    ASSERT_EQ(apply(R"([{"kind":"Tenant","name":"menden"},{"kind":"Tenant","name":"soest"},
      {"kind":"Site","name":"school","tenant":"menden","location":{"latitude":51.44,"longitude":7.79}},
      {"kind":"Gateway","gateway_id":"00000000000000a1","tenant":"menden","name":"Roof"},
      {"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"Menden 1","tenant":"menden","site":"school","app_key":"00112233445566778899aabbccddeeff"},
      {"kind":"Device","dev_eui":"0000000000000002","join_eui":"0000000000000000","name":"Soest 2","tenant":"soest","app_key":"00112233445566778899aabbccddeeff"}])"),
              "created, created, created, created, created, created");
  }
  std::string token_of(const std::string& tenant) {
    const auto reply = post("/v1/tokens", R"({"tenant":")" + tenant + R"(","name":"test"})");
    EXPECT_EQ(reply.status, 201U) << reply.body;
    return std::string(reply.json().at("token").as_string());
  }
  // Until the views have everything that was appended.
  template <typename Condition>
  void wait_until(const Condition& condition) {
    for (int i = 0; i < 5'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{2});
    ASSERT_TRUE(condition());
  }

  base::SystemClock clock;
  storage::MemoryLog log{4, clock};
  base::Counters counters;
  base::crypto::KeyVault vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{9});
  storage::views::Views views{counters};
  std::string address;
  std::atomic<bool> answer_writes = true;  // false: the network is silent
  std::atomic<bool> refuse_writes = false;
  std::vector<v1::DownlinkRequest> downlinks;  ///< as the network read them; look after stop()
  std::atomic<std::uint64_t> control_records = 0;
  v1::Alert firing;                            ///< what an acknowledgement changes; set before
  std::vector<std::uint32_t> acknowledged_in;  ///< partitions; look after stop()

 private:
  static HttpSettings with_defaults(HttpSettings settings) {
    settings.listen = "127.0.0.1:0";
    settings.operator_token = kOperator;
    return settings;
  }
  static Hooks with_schema(Hooks hooks) {
    if (!hooks.schema_exists) hooks.schema_exists = [](std::string_view schema) { return schema == "vendor/model"; };
    return hooks;
  }

  void judge(const storage::Record& record, storage::Batch& out) {
    v1::NetworkIn input;
    ASSERT_TRUE(input.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
    if (input.has_downlink() && answer_writes) return judge_downlink(input.downlink(), record, out);
    if (input.has_acknowledgement() && answer_writes)
      return judge_acknowledgement(input.acknowledgement(), record, out);
    if (!input.has_control() || !answer_writes) return;
    ++control_records;
    const auto& request = input.control();
    const auto& object = request.has_put() ? request.put() : request.remove();
    const auto home =
        object.has_device() ? base::partition_of(base::slot_of(base::DevEui{object.device().dev_eui()}), 4) : 0;
    ASSERT_EQ(base::partition_of(static_cast<std::uint8_t>(record.key[0]), 4), record.partition);
    if (record.partition != home) return;
    if (refuse_writes) {
      v1::DeviceEvent event;
      event.mutable_input()->set_partition(record.partition);
      event.mutable_input()->set_offset(record.offset);
      event.mutable_log()->set_level(v1::LOG_LEVEL_ERROR);
      event.mutable_log()->set_message("no room");
      event.mutable_log()->set_request_id(request.request_id());
      return out.append(storage::Topic::event, record.partition, {}, {}, event.SerializeAsString());
    }
    const auto key = storage::views::control_key_of(object);
    if (request.has_remove()) return out.append_tombstone(storage::Topic::control, 0, {}, key);
    v1::ControlState state;
    *state.mutable_object() = object;
    if (object.has_device()) {
      state.mutable_object()->mutable_device()->clear_wrapped_root_keys();
      state.mutable_object()->mutable_device()->clear_wrapped_session_keys();
    }
    state.mutable_input()->set_partition(record.partition);
    state.mutable_input()->set_offset(record.offset);
    state.set_request_id(request.request_id());
    out.append(storage::Topic::control, 0, {}, key, state.SerializeAsString());
  }

  void judge_downlink(const v1::DownlinkRequest& request, const storage::Record& record, storage::Batch& out) {
    downlinks.push_back(request);
    v1::DeviceEvent event;
    event.set_dev_eui(request.dev_eui());
    event.mutable_input()->set_partition(record.partition);
    event.mutable_input()->set_offset(record.offset);
    event.mutable_log()->set_level(refuse_writes ? v1::LOG_LEVEL_ERROR : v1::LOG_LEVEL_INFO);
    event.mutable_log()->set_code(refuse_writes ? "unknown_device" : "downlink_queued");
    event.mutable_log()->set_request_id(request.request_id());
    out.append(storage::Topic::event, record.partition, {}, {}, event.SerializeAsString());
  }

  // What the alerts make of it, when it is the one that `firing` says.
  void judge_acknowledgement(const v1::AlertAcknowledgement& request, const storage::Record& record,
                             storage::Batch& out) {
    acknowledged_in.push_back(record.partition);
    auto alert = firing;
    alert.set_state(v1::ALERT_STATE_ACKNOWLEDGED);
    alert.set_revision(alert.revision() + 1);
    alert.set_actor(request.actor());
    alert.set_note(request.note());
    out.append(storage::Topic::alert, 0, alert.tenant(), "k", alert.SerializeAsString());
  }

  HttpSettings settings_;
  HttpServer server_;
  unsigned short port_ = 0;
  std::unique_ptr<storage::Consumer> views_consumer_;
  std::unique_ptr<storage::Consumer> network_consumer_;
  std::jthread pump_;
};

}  // namespace lenne::api
