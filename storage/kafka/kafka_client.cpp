#include "storage/kafka/kafka_client.hpp"

#include <algorithm>

namespace lenne::storage::kafka {
namespace {

constexpr int kRequestMs = 10'000;
constexpr int kTopicTries = 200;
constexpr Duration kSlice = std::chrono::milliseconds{50};
constexpr Duration kShort = std::chrono::milliseconds{3};
/// A transaction that somebody left open hides what follows it: so long a poll looks for it beyond its patience.
constexpr int kMostExtraSlices = 40;

struct Flight {
  Outgoing* record;
  std::atomic<std::size_t>* open;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Flight> flight(static_cast<Flight*>(message->_private));
  flight->record->offset = message->offset;
  flight->record->error = message->err;
  flight->open->fetch_sub(1, std::memory_order_release);
}

std::unexpected<base::Error> send_error(rd_kafka_t* producer, rd_kafka_resp_err_t error) {
  char text[256] = "";
  const auto fatal = rd_kafka_fatal_error(producer, text, sizeof text);
  const bool fenced = error == RD_KAFKA_RESP_ERR__FENCED || fatal == RD_KAFKA_RESP_ERR__FENCED;
  return base::fail(fenced ? "fenced" : "log_write", rd_kafka_err2str(error));
}

rd_kafka_resp_err_t send(rd_kafka_t* producer, Outgoing& record, std::unique_ptr<Flight>& flight) {
  rd_kafka_vu_t parts[7] = {};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = record.topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = static_cast<std::int32_t>(record.partition);
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_KEY;
  parts[3].u.mem = {record.key.data(), record.key.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_VALUE;  // an address even for no bytes: null is a tombstone
  static char empty[1] = "";
  const auto* value = record.value.empty() ? empty : record.value.data();
  parts[4].u.mem = {record.tombstone ? nullptr : const_cast<char*>(value), record.value.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = flight.get();
  parts[6].vtype = RD_KAFKA_VTYPE_HEADER;
  parts[6].u.header = {"tenant", record.tenant.data(), static_cast<ssize_t>(record.tenant.size())};
  auto* refused = rd_kafka_produceva(producer, parts, record.tenant.empty() ? 6 : 7);
  if (refused == nullptr) {
    static_cast<void>(flight.release());  // the delivery report's
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const auto code = rd_kafka_error_code(refused);
  rd_kafka_error_destroy(refused);
  return code;
}

/// A broker knows a topic a little after it has promised it.
Result<void> wait_for_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans) {
  std::size_t partitions = 0;
  for (const auto& plan : plans) partitions += plan.partitions;
  for (int tries = 0; tries < kTopicTries; ++tries) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error = rd_kafka_metadata(handle, 1, nullptr, &metadata, kRequestMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_open", rd_kafka_err2str(error));
    std::size_t ready = 0;
    Result<void> fits;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const auto& topic = metadata->topics[i];
      const auto plan = std::ranges::find(plans, topic.topic, &TopicPlan::name);
      if (plan == plans.end() || topic.partition_cnt == 0) continue;
      for (int p = 0; p < topic.partition_cnt; ++p) {  // a leader in the metadata may not know of its office yet
        std::int64_t low = 0;
        std::int64_t high = 0;
        ready += rd_kafka_query_watermark_offsets(handle, topic.topic, p, &low, &high, kRequestMs) ==
                 RD_KAFKA_RESP_ERR_NO_ERROR;
      }
      if (topic.partition_cnt == static_cast<int>(plan->partitions)) continue;
      fits = base::fail("network_partitions", plan->name + " has " + std::to_string(topic.partition_cnt) +
                                                  " partitions, the settings say " + std::to_string(plan->partitions));
    }
    rd_kafka_metadata_destroy(metadata);
    if (!fits || ready == partitions) return fits;
    rd_kafka_poll(handle, 50);
  }
  return base::fail("log_open", "the broker does not make the topics");
}

}  // namespace

Result<Handle> make_client(rd_kafka_type_t type, const KafkaSettings& settings, const Options& options) {
  auto* conf = rd_kafka_conf_new();
  char text[512] = "";
  Options all{{"bootstrap.servers", settings.bootstrap},
              {"client.id", settings.prefix + settings.instance},
              {"log_level", "2"},
              {"message.max.bytes", std::to_string(settings.batch_bytes + (std::size_t{1} << 20))}};
  all.insert(all.end(), options.begin(), options.end());
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return base::fail("log_open", std::string(name) + ": " + text);
    }
  }
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  Handle handle(rd_kafka_new(type, conf, text, sizeof text));
  if (!handle) {
    rd_kafka_conf_destroy(conf);
    return base::fail("log_open", text);
  }
  return handle;
}

Result<void> make_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans, int replication) {
  std::vector<rd_kafka_NewTopic_t*> topics;
  char text[256] = "";
  for (const auto& plan : plans) {
    topics.push_back(
        rd_kafka_NewTopic_new(plan.name.c_str(), static_cast<int>(plan.partitions), replication, text, sizeof text));
    for (const auto& [name, value] : plan.options) rd_kafka_NewTopic_set_config(topics.back(), name, value.c_str());
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

Result<void> send_all(rd_kafka_t* producer, std::deque<Outgoing>& records, const std::function<bool()>& allowed) {
  std::atomic<std::size_t> open = 0;
  Result<void> sent;
  for (auto& record : records) {
    if (!allowed()) {
      sent = base::fail("log_write", "injected fault");
      break;
    }
    auto flight = std::make_unique<Flight>(&record, &open);
    open.fetch_add(1);
    auto error = send(producer, record, flight);
    for (; error == RD_KAFKA_RESP_ERR__QUEUE_FULL; error = send(producer, record, flight)) rd_kafka_poll(producer, 20);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    open.fetch_sub(1);
    sent = send_error(producer, error);
    break;
  }
  // Each ends by itself: message.timeout.ms bounds this.
  while (open.load(std::memory_order_acquire) > 0) rd_kafka_poll(producer, 5);
  for (const auto& record : records) {
    if (sent && record.error != RD_KAFKA_RESP_ERR_NO_ERROR) sent = send_error(producer, record.error);
  }
  return sent;
}

PlaceList list_of(const std::vector<Place>& places) {
  PlaceList list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = place.next;
  }
  return list;
}

Result<Tailer> Tailer::make(const KafkaSettings& settings, const base::Clock& clock, const std::string& group) {
  // Unlike its batch interface, single polls skip no record around a change of the assignment (librdkafka 2.0.2).
  auto handle = make_client(RD_KAFKA_CONSUMER, settings,
                            {{"group.id", group},
                             {"enable.auto.commit", "false"},
                             {"enable.auto.offset.store", "false"},
                             {"isolation.level", "read_committed"},
                             {"enable.partition.eof", "true"},
                             {"auto.offset.reset", "earliest"},
                             {"fetch.wait.max.ms", "20"},
                             {"fetch.error.backoff.ms", "20"},
                             {"queued.max.messages.kbytes", "16384"}});
  if (!handle) return std::unexpected(handle.error());
  rd_kafka_poll_set_consumer(handle->get());
  return Tailer(std::move(*handle), clock);
}

Result<void> Tailer::assign(std::vector<Place> places) {
  places_ = std::move(places);
  for (auto& place : places_) place.end = -1;
  const auto error = rd_kafka_assign(handle_.get(), list_of(places_).get());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>{} : base::fail("log_read", rd_kafka_err2str(error));
}

Result<std::size_t> Tailer::poll(Duration patience, std::size_t most,
                                 const std::function<void(const rd_kafka_message_t&)>& visit) {
  const auto deadline = clock_->monotonic() + std::min<Duration>(patience, std::chrono::hours{1});
  std::size_t count = 0;
  for (int extra = 0; count < std::max<std::size_t>(most, 1);) {
    const auto rest = std::clamp<Duration>(deadline - clock_->monotonic(), kShort, kSlice);
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(extra > 0 ? kSlice : rest).count();
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(handle_.get(), count > 0 ? 0 : static_cast<int>(wait)), rd_kafka_message_destroy);
    if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string_view topic = rd_kafka_topic_name(message->rkt);
      for (auto& place : places_) {
        if (place.partition == message->partition && place.topic == topic) place.next = message->offset + 1;
      }
      visit(*message);
      ++count;
    } else if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      const std::string_view topic = rd_kafka_topic_name(message->rkt);
      for (auto& place : places_) {
        if (place.partition == message->partition && place.topic == topic) place.end = message->offset;
      }
    } else if (!message && count > 0) {
      break;
    } else if (clock_->monotonic() >= deadline) {  // transport errors pass by themselves
      const auto end = at_end();
      if (!end) return std::unexpected(end.error());
      if (*end || ++extra > kMostExtraSlices) break;
    }
  }
  return count;
}

Result<bool> Tailer::at_end() const {
  auto ends = places_;
  if (std::ranges::any_of(places_, [](const Place& place) { return place.end < 0; })) return false;
  if (auto found = find_bounds(ends, true); !found) return std::unexpected(found.error());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].end < ends[i].next) return false;
  }
  return true;
}

Result<void> Tailer::find_bounds(std::vector<Place>& places, bool end) const {
  for (auto& place : places) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error =
        rd_kafka_query_watermark_offsets(handle_.get(), place.topic.c_str(), place.partition, &low, &high, kRequestMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return base::fail("log_read", place.topic + ": " + rd_kafka_err2str(error));
    place.next = end ? high : low;
  }
  return {};
}

}  // namespace lenne::storage::kafka
