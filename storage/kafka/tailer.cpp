#include "storage/kafka/tailer.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace lenne::storage::kafka {
namespace {

constexpr Duration kSlice = std::chrono::milliseconds{50};
constexpr Duration kShort = std::chrono::milliseconds{3};
/// A transaction that somebody left open hides what follows it: so long the end is waited for.
constexpr int kMostSlices = 40;

std::unexpected<base::Error> refused(rd_kafka_error_t* error) {
  auto answer = base::fail("log_read", rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return answer;
}

/// The offsets of the list that comes back are the answers.
Result<PlaceList> edges_of(rd_kafka_t* client, const Places& places, std::int64_t which) {
  auto list = list_of(places);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = which;
  const auto error = places.empty() ? RD_KAFKA_RESP_ERR_NO_ERROR : query_offsets(client, *list);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return base::fail("log_read", places.front().topic + ": " + rd_kafka_err2str(error));
  return list;
}

Result<std::int64_t> edge_of(rd_kafka_t* client, const Place& place, std::int64_t which) {
  const auto found = edges_of(client, {place}, which);
  if (!found) return std::unexpected(found.error());
  return (*found)->elems[0].offset;
}

using Message = std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;

}  // namespace

PlaceList list_of(const Places& places) {
  PlaceList list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = place.next;
  }
  return list;
}

Result<Bounds> bounds_of(rd_kafka_t* client, const Place& place) {
  const auto begin = edge_of(client, place, RD_KAFKA_OFFSET_BEGINNING);
  if (!begin) return std::unexpected(begin.error());
  const auto end = edge_of(client, place, RD_KAFKA_OFFSET_END);
  if (!end) return std::unexpected(end.error());
  return Bounds{*begin, *end};
}

Result<Tailer> Tailer::make(const KafkaSettings& settings, const base::Clock& clock, const std::string& group,
                            const Options& options, const Rebalanced& rebalanced) {
  // Unlike its batch interface, single polls skip no record around a change of the assignment (librdkafka 2.0.2). And
  // once as much waits as may, it asks for no more within a second: so that must be more than is handled in a second.
  Options all{
      {"group.id", settings.prefix + group}, {"enable.auto.commit", "false"},  {"enable.auto.offset.store", "false"},
      {"isolation.level", "read_committed"}, {"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"},
      {"fetch.wait.max.ms", "100"},          {"fetch.error.backoff.ms", "20"}, {"queued.max.messages.kbytes", "16384"},
      {"queued.min.messages", "300000"}};
  all.insert(all.end(), options.begin(), options.end());
  auto handle = make_client(RD_KAFKA_CONSUMER, settings, all, rebalanced);
  if (!handle) return std::unexpected(handle.error());
  rd_kafka_poll_set_consumer(handle->get());
  return Tailer(std::move(*handle), clock);
}

Result<void> Tailer::read(const Places& places) {
  Places fresh;
  Places moved;
  const auto same = [](const Place& a) {
    return [&a](const Place& b) { return a.partition == b.partition && a.topic == b.topic; };
  };
  for (const auto& place : places) {
    const bool known = std::ranges::any_of(places_, same(place));
    (known ? moved : fresh).push_back(place);
  }
  if (!fresh.empty()) {
    const auto list = list_of(fresh);
    if (auto* error = rd_kafka_incremental_assign(handle_.get(), list.get())) return refused(error);
    for (auto& place : fresh) {
      place.end = -1;
      place.held = false;
      places_.push_back(std::move(place));
    }
  }
  if (moved.empty()) return {};
  const auto list = list_of(moved);
  if (auto* error = rd_kafka_seek_partitions(handle_.get(), list.get(), kRequestMs)) return refused(error);
  for (int i = 0; i < list->cnt; ++i) {  // one that was given a moment ago is not in motion yet
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return base::fail("log_read", list->elems[i].topic + (": " + std::string(rd_kafka_err2str(list->elems[i].err))));
  }
  rd_kafka_resume_partitions(handle_.get(), list.get());
  for (const auto& place : moved) {
    auto& own = *std::ranges::find_if(places_, same(place));
    own.next = place.next;
    own.end = -1;
    own.held = false;
  }
  return {};
}

void Tailer::hold(Place& place) {
  place.held = true;
  rd_kafka_pause_partitions(handle_.get(), list_of({place}).get());
}

bool Tailer::end(Duration patience) {
  std::promise<void> done;
  auto ended = done.get_future();
  std::thread([handle = std::move(handle_), done = std::move(done)]() mutable {
    handle.reset();
    done.set_value();
  }).detach();
  return ended.wait_for(patience) == std::future_status::ready;
}

void Tailer::abandon() noexcept {
  static_cast<void>(handle_.get_deleter().callbacks.release());
  static_cast<void>(handle_.release());
}

Place* Tailer::place_of(const rd_kafka_message_t& message) {
  const std::string_view topic = rd_kafka_topic_name(message.rkt);
  const auto is_its = [&](const Place& place) { return place.partition == message.partition && place.topic == topic; };
  if (last_ < places_.size() && is_its(places_[last_])) return &places_[last_];
  const auto found = std::ranges::find_if(places_, is_its);
  if (found == places_.end()) return nullptr;
  last_ = static_cast<std::size_t>(found - places_.begin());
  return &*found;
}

Result<std::size_t> Tailer::fetch(Duration patience, std::size_t most, const Visit& visit) {
  const auto deadline = clock_->monotonic() + patience;
  std::size_t count = 0;
  while (count < std::max<std::size_t>(most, 1)) {
    const auto rest = count > 0 ? Duration{} : std::max(deadline - clock_->monotonic(), Duration{});
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min(rest, kSlice)).count();
    const Message message(rd_kafka_consumer_poll(handle_.get(), static_cast<int>(wait)), rd_kafka_message_destroy);
    if (!message) {
      if (count > 0 || clock_->monotonic() >= deadline) break;
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__FATAL || message->err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
      return base::fail("fenced", rd_kafka_message_errstr(message.get()));
    // Transport errors pass by themselves, and a record of a place that was given away is its new owner's.
    auto* const place = place_of(*message);
    if (place == nullptr || place->held) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) place->end = message->offset;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    place->next = message->offset + 1;
    visit(*message, *place);
    ++count;
  }
  return count;
}

Result<std::size_t> Tailer::fetch_to_end(std::size_t most, const Visit& visit) {
  for (int slice = 0;; ++slice) {
    const auto count = fetch(slice == 0 ? kShort : kSlice, most, visit);
    if (!count || *count > 0 || slice == kMostSlices) return count;
    const auto end = at_end();
    if (!end) return std::unexpected(end.error());
    if (*end) return 0;
  }
}

Result<bool> Tailer::at_end() const {
  Places read;
  for (const auto& place : places_) {
    if (place.held) continue;
    if (place.end < 0) return false;
    read.push_back(place);
  }
  const auto ends = edges_of(handle_.get(), read, RD_KAFKA_OFFSET_END);
  if (!ends) return std::unexpected(ends.error());
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (std::max(read[i].end, read[i].next) < (*ends)->elems[i].offset) return false;
  }
  return true;
}

Result<std::int64_t> Tailer::begin(const Place& place) const {
  return edge_of(handle_.get(), place, RD_KAFKA_OFFSET_BEGINNING);
}

Result<std::int64_t> Tailer::end(const Place& place) const {
  return edge_of(handle_.get(), place, RD_KAFKA_OFFSET_END);
}

Result<void> Tailer::find_bounds(Places& places, bool end) const {
  const auto found = edges_of(handle_.get(), places, end ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING);
  if (!found) return std::unexpected(found.error());
  for (std::size_t i = 0; i < places.size(); ++i) places[i].next = (*found)->elems[i].offset;
  return {};
}

}  // namespace lenne::storage::kafka
