#include "storage/kafka/kafka_client.hpp"

#include <algorithm>
#include <span>

namespace lenne::storage::kafka {
namespace {

constexpr int kTopicTries = 200;
/// So long, together, a process that starts waits for a broker.
constexpr int kConnectTries = 30;
constexpr int kConnectMs = 500;
/// Before this version the library sends a nonce that brokers from 4.0 on refuse.
constexpr int kGoodScram = 0x020601ff;
/// So many requests without an answer, and it is not waited for any longer.
constexpr int kMostSilent = 10;
constexpr int kOffsetMs = 2'000;

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto& record = *static_cast<Outgoing*>(message->_private);
  record.offset = message->offset;
  record.error = message->err;
  record.under_way->fetch_sub(1, std::memory_order_release);
}

std::unexpected<base::Error> send_error(rd_kafka_t* producer, rd_kafka_resp_err_t error) {
  char text[256] = "";
  const auto fatal = rd_kafka_fatal_error(producer, text, sizeof text);
  const bool fenced = error == RD_KAFKA_RESP_ERR__FENCED || fatal == RD_KAFKA_RESP_ERR__FENCED;
  return base::fail(fenced ? "fenced" : "log_unavailable", rd_kafka_err2str(error));
}

rd_kafka_headers_t* headers_of(const Outgoing& record) {
  auto* headers = rd_kafka_headers_new(record.headers.size() + 1);
  const auto add = [&](std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  };
  if (!record.tenant.empty()) add("tenant", record.tenant);
  for (const auto& [name, value] : record.headers) add(name, value);
  return headers;
}

/// `topic`: that of the record, or null.
rd_kafka_resp_err_t send(rd_kafka_t* producer, rd_kafka_topic_t* topic, Outgoing& record) {
  const bool labelled = !record.tenant.empty() || !record.headers.empty();
  rd_kafka_vu_t parts[7] = {};
  if (topic != nullptr) {
    parts[0].vtype = RD_KAFKA_VTYPE_RKT;
    parts[0].u.rkt = topic;
  } else {
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = record.topic.c_str();
  }
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = static_cast<std::int32_t>(record.partition);
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_KEY;
  parts[3].u.mem = {record.key.data(), record.key.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_VALUE;  // an address even for no bytes: null is a tombstone
  static char empty[1] = "";
  const std::string_view value = record.own_value.empty() ? record.value : std::string_view(record.own_value);
  const auto* bytes = value.empty() ? empty : value.data();
  parts[4].u.mem = {record.tombstone ? nullptr : const_cast<char*>(bytes), value.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = &record;
  parts[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  if (labelled) parts[6].u.headers = headers_of(record);
  auto* refused = rd_kafka_produceva(producer, parts, labelled ? 7 : 6);
  if (refused == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (labelled) rd_kafka_headers_destroy(parts[6].u.headers);
  const auto code = rd_kafka_error_code(refused);
  rd_kafka_error_destroy(refused);
  return code;
}

/// A broker knows a topic a little after it has promised it.
Result<void> wait_for_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans) {
  std::size_t missing = 0;
  int silent = 0;
  for (int tries = 0; tries < kTopicTries && silent <= kMostSilent; ++tries) {
    const auto existing = existing_topics(handle);
    if (!existing) return std::unexpected(existing.error());
    missing = 0;
    for (const auto& plan : plans) {
      const auto found = existing->find(plan.name);
      const auto partitions = found == existing->end() ? 0 : found->second;
      if (partitions != 0 && partitions != plan.partitions)
        return base::fail("network_partitions", plan.name + " has " + std::to_string(partitions) +
                                                    " partitions, the settings say " + std::to_string(plan.partitions));
      missing += plan.partitions;
      for (std::uint32_t p = 0; p < partitions; ++p) {  // a leader in the metadata may not know of its office yet
        const auto asked = query_offset(handle, plan.name, static_cast<std::int32_t>(p), RD_KAFKA_OFFSET_END);
        missing -= asked ? 1U : 0U;
        silent += !asked && asked.error() == RD_KAFKA_RESP_ERR__TIMED_OUT ? 1 : 0;
      }
    }
    if (missing == 0) return {};
    rd_kafka_poll(handle, 50);
  }
  return base::fail("log_open", "the broker does not make the topics: " + std::to_string(missing) +
                                    " of their partitions do not answer");
}

void token_wanted(rd_kafka_t* handle, const char*, void* opaque) {
  char text[512] = "";
  const auto token = static_cast<Callbacks*>(opaque)->token();
  if (!token) {
    rd_kafka_oauthbearer_set_token_failure(handle, token.error().message.c_str());
  } else if (rd_kafka_oauthbearer_set_token(handle, token->value.c_str(), token->expires_ms, token->principal.c_str(),
                                            nullptr, 0, text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_oauthbearer_set_token_failure(handle, text);
  }
}

void told_trouble(rd_kafka_t*, int error, const char* reason, void* opaque) {
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;  // says less than what came before it
  const std::string_view text(reason);
  // The library calls it a broken connection when it is the broker that does not trust.
  const bool tls = error == RD_KAFKA_RESP_ERR__SSL || text.contains("SSL alert");
  const auto* const code = error == RD_KAFKA_RESP_ERR__AUTHENTICATION ? "log_access" : tls ? "log_tls" : "log_open";
  std::string told(text.substr(0, text.find(" (after ")));
  if (text.contains("SASL mechanism SCRAM") && rd_kafka_version() < kGoodScram)
    told += std::string("; Kafka 4.0 and newer refuses SCRAM of librdkafka before 2.6.1, this is ") +
            rd_kafka_version_str();
  static_cast<Callbacks*>(opaque)->trouble = {code, std::move(told)};
}

void told_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                    void* opaque) {
  static_cast<Callbacks*>(opaque)->rebalanced(handle, what, *partitions);
}

}  // namespace

rd_kafka_resp_err_t ask_metadata(rd_kafka_t* handle, int patience_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(handle, 0, nullptr, &metadata, patience_ms);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
  return error;
}

Result<std::map<std::string, std::uint32_t>> existing_topics(rd_kafka_t* handle) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(handle, 1, nullptr, &metadata, kRequestMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_open", rd_kafka_err2str(error));
  std::map<std::string, std::uint32_t> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i)
    topics[metadata->topics[i].topic] = static_cast<std::uint32_t>(metadata->topics[i].partition_cnt);
  rd_kafka_metadata_destroy(metadata);
  return topics;
}

// rd_kafka_query_watermark_offsets keeps no time: a request to a leader that has gone waits for its return (librdkafka
// before 2.3).
rd_kafka_resp_err_t query_offsets(rd_kafka_t* handle, rd_kafka_topic_partition_list_t& partitions) {
  const auto error = rd_kafka_offsets_for_times(handle, &partitions, kOffsetMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  for (const auto& asked : std::span(partitions.elems, static_cast<std::size_t>(partitions.cnt))) {
    if (asked.err != RD_KAFKA_RESP_ERR_NO_ERROR) return asked.err;
    if (asked.offset < 0) return RD_KAFKA_RESP_ERR__TIMED_OUT;  // it is as it was
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::expected<std::int64_t, rd_kafka_resp_err_t> query_offset(rd_kafka_t* handle, const std::string& topic,
                                                              std::int32_t partition, std::int64_t which) {
  const std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)> list(
      rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = which;
  const auto error = query_offsets(handle, *list);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(error);
  return list->elems[0].offset;
}

Result<Handle> make_client(rd_kafka_type_t type, const KafkaSettings& settings, const Options& options,
                           const Rebalanced& rebalanced) {
  auto* conf = rd_kafka_conf_new();
  char text[512] = "";
  Options all{{"bootstrap.servers", settings.bootstrap},
              {"client.id", settings.prefix + settings.fresh_instance},
              {"log_level", "2"},
              {"reconnect.backoff.max.ms", "1000"},  // the library's 10 s would be added to each outage
              {"message.max.bytes", std::to_string(settings.batch_bytes + (std::size_t{1} << 20))}};
  all.insert(all.end(), settings.client.begin(), settings.client.end());
  all.insert(all.end(), options.begin(), options.end());
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return base::fail("log_open", name + ": " + text);
    }
  }
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  auto callbacks = std::make_unique<Callbacks>(settings.token, rebalanced);
  rd_kafka_conf_set_opaque(conf, callbacks.get());
  rd_kafka_conf_set_error_cb(conf, told_trouble);
  if (rebalanced) rd_kafka_conf_set_rebalance_cb(conf, told_rebalance);
  if (settings.token) {
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, token_wanted);
    rd_kafka_conf_enable_sasl_queue(conf, 1);
  }
  Handle handle(rd_kafka_new(type, conf, text, sizeof text), HandleDeleter{std::move(callbacks)});
  if (!handle) {
    rd_kafka_conf_destroy(conf);
    return base::fail("log_open", text);
  }
  if (settings.token) {  // by a thread of the library: not every handle is polled
    if (auto* error = rd_kafka_sasl_background_callbacks_enable(handle.get())) {
      auto refused = base::fail("log_open", rd_kafka_error_string(error));
      rd_kafka_error_destroy(error);
      return refused;
    }
  }
  return handle;
}

Result<Handle> connect(const KafkaSettings& settings) {
  auto made = make_client(RD_KAFKA_PRODUCER, settings, {});
  if (!made) return made;
  auto& trouble = made->get_deleter().callbacks->trouble;
  for (int tries = 0; tries < kConnectTries; ++tries) {
    const auto error = ask_metadata(made->get(), kConnectMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return made;
    rd_kafka_poll(made->get(), 0);
    // Nothing of these passes by itself; of several brokers, what one says of this process's word holds for all.
    if (trouble.code == "log_access" || trouble.code == "log_tls") return std::unexpected(trouble);
    if (trouble.message.empty()) trouble = {"log_open", rd_kafka_err2str(error)};
  }
  return base::fail("log_open", settings.bootstrap + ": " + trouble.message);
}

Result<void> make_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans, int replication) {
  std::vector<rd_kafka_NewTopic_t*> topics;
  char text[256] = "";
  for (const auto& plan : plans) {
    topics.push_back(
        rd_kafka_NewTopic_new(plan.name.c_str(), static_cast<int>(plan.partitions), replication, text, sizeof text));
    for (const auto& [name, value] : plan.options)
      rd_kafka_NewTopic_set_config(topics.back(), name.c_str(), value.c_str());
  }
  auto* queue = rd_kafka_queue_new(handle);
  rd_kafka_CreateTopics(handle, topics.data(), topics.size(), nullptr, queue);
  auto* event = rd_kafka_queue_poll(queue, 3 * kRequestMs);
  Result<void> made;
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    made = base::fail("log_open", event == nullptr ? "the broker does not answer" : rd_kafka_event_error_string(event));
  } else {
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_topic_result_error(results[i]);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
      made =
          base::fail("log_open", std::string(rd_kafka_topic_result_name(results[i])) + ": " + rd_kafka_err2str(error));
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
  return made ? wait_for_topics(handle, plans) : made;
}

void KnownTopics::add(rd_kafka_t* producer, const std::vector<std::string>& topics) {
  bool asked = true;
  for (const auto& name : topics) {
    if (topics_.contains(name)) continue;
    topics_[name].reset(rd_kafka_topic_new(producer, name.c_str(), nullptr));
    asked = false;
  }
  if (!asked) static_cast<void>(ask_metadata(producer, kRequestMs));
}

Result<void> send_all(const Producer& producer, std::deque<Outgoing>& records, const std::function<bool()>& allowed) {
  auto* const handle = producer.handle.get();
  std::atomic<std::size_t> under_way = 0;
  Result<void> sent;
  const std::string* name = nullptr;  // of the record before
  rd_kafka_topic_t* topic = nullptr;
  for (auto& record : records) {
    if (!allowed()) {
      sent = base::fail("log_unavailable", "injected fault");
      break;
    }
    if (name == nullptr || *name != record.topic) topic = producer.known.find(record.topic);
    name = &record.topic;
    record.under_way = &under_way;
    under_way.fetch_add(1);
    auto error = send(handle, topic, record);
    for (; error == RD_KAFKA_RESP_ERR__QUEUE_FULL; error = send(handle, topic, record)) rd_kafka_poll(handle, 20);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    under_way.fetch_sub(1);
    record.error = error;
    sent = send_error(handle, error);
    break;
  }
  // Each ends by itself: message.timeout.ms bounds this.
  while (under_way.load(std::memory_order_acquire) > 0) rd_kafka_poll(handle, 5);
  for (const auto& record : records) {
    if (sent && record.error != RD_KAFKA_RESP_ERR_NO_ERROR) sent = send_error(handle, record.error);
  }
  return sent;
}

bool refused(const std::deque<Outgoing>& records) {
  // The library's own errors are below zero.
  return std::ranges::any_of(records, [](const Outgoing& record) { return record.error > RD_KAFKA_RESP_ERR_NO_ERROR; });
}

}  // namespace lenne::storage::kafka
