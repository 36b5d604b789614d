#include "storage/kafka/kafka_outbox.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "storage/kafka/publisher.hpp"
#include "storage/kafka/tailer.hpp"
#include "storage/kafka/topic_names.hpp"
#include "storage/kafka/topic_plans.hpp"
#include "storage/kafka/transactor.hpp"

namespace lenne::storage {
namespace {

using namespace kafka;

constexpr std::string_view kFormat = "1";
constexpr std::string_view kNothing = "-";
constexpr std::size_t kMostOfTopic = 10'000;
/// A cluster that is away is asked no longer than this: who stops the server waits for it.
constexpr int kThereMs = 500;

/// The value of a record of the position topic.
struct Mark {
  std::string log;
  std::string process;
  std::string position;  ///< empty: nothing is written
};

std::string text_of(const Mark& mark) {
  return std::string(kFormat) + " " + mark.log + " " + mark.process + " " +
         (mark.position.empty() ? std::string(kNothing) : mark.position);
}

std::optional<Mark> parse_mark(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (words.size() != 4 || words[0] != kFormat) return std::nullopt;
  return Mark{std::move(words[1]), std::move(words[2]), words[3] == kNothing ? "" : std::move(words[3])};
}

std::unexpected<base::Error> refused(std::string why) { return base::fail("outbox_refused", std::move(why)); }

class KafkaOutboxTarget final : public OutboxTarget {
 public:
  KafkaOutboxTarget(KafkaSettings settings, OutboxIdentity identity, const base::Clock& clock)
      : settings_(std::move(settings)),
        own_(std::move(identity)),
        clock_(clock),
        transactor_(settings_, "outbox", names_of(internal_plans(settings_))) {}

  Result<void> connect() {
    auto client = make_client(RD_KAFKA_PRODUCER, settings_, {});
    if (!client) return std::unexpected(client.error());
    client_ = std::move(*client);
    topics_.emplace(settings_, client_.get());
    publisher_.emplace(settings_, *topics_, transactor_);
    return {};
  }

  Result<std::optional<std::string>> begin() override {
    staged_.clear();
    if (auto there = find_cluster(); !there) return std::unexpected(there.error());
    // An open transaction, of whichever process, may hide what is after it: so the question is asked again below. Who
    // is not to write here must not end what another one has open.
    auto tailer = Tailer::make(settings_, clock_, "outbox");
    if (!tailer) return std::unexpected(tailer.error());
    if (auto begun = tailer->read({{position_topic_name(settings_), 0}}); !begun) return std::unexpected(begun.error());
    std::optional<Mark> mark;
    if (auto read = read_mark(*tailer, mark); !read) return std::unexpected(read.error());
    if (auto ready = transactor_.prepare(); !ready) return std::unexpected(ready.error());
    if (auto read = read_mark(*tailer, mark); !read) return std::unexpected(read.error());
    const auto end = tailer->at_end();
    if (!end) return std::unexpected(end.error());
    if (!*end) return base::fail("log_unavailable", position_topic_name(settings_) + " does not end");
    if (!mark) {
      if (auto empty = check_nothing_is_there(); !empty) return std::unexpected(empty.error());
    }
    const auto position = mark ? mark->position : std::string();
    if (!claimed_) {
      if (auto done = commit(position); !done) return std::unexpected(done.error());
      claimed_ = true;
    }
    return position.empty() ? std::nullopt : std::optional(position);
  }

  std::size_t add(std::span<const Record> records) override {
    for (const auto& record : records) {
      const auto copies = publisher_->add(
          {record.topic, record.partition, record.tenant, record.key, record.value, record.tombstone}, staged_);
      for (std::size_t i = 0; i < copies; ++i)
        staged_[staged_.size() - copies + i].headers.emplace_back("lenne-position", std::to_string(record.offset));
    }
    return staged_.size();
  }

  Result<void> commit(std::string_view position) override {
    auto records = std::exchange(staged_, {});
    if (auto there = publisher_->ensure_topics(); !there) return there;
    auto& mark = records.emplace_back();
    mark.topic = position_topic_name(settings_);
    mark.key = "position";
    mark.own_value = text_of({own_.log, own_.process, std::string(position)});
    return transactor_.commit(records, nullptr, {});
  }

 private:
  Result<void> find_cluster() {
    const auto error = ask_metadata(client_.get(), kThereMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_unavailable", rd_kafka_err2str(error));
    if (auto made = make_topics(client_.get(), internal_plans(settings_), settings_.replication); !made) return made;
    if (auto loaded = topics_->load(); !loaded) return loaded;
    publisher_->expect_known();
    return {};
  }

  /// Reads on to the end. Error: log_read, outbox_refused.
  Result<void> read_mark(Tailer& tailer, std::optional<Mark>& mark) const {
    bool strange = false;
    for (;;) {
      const auto count = tailer.fetch_to_end(kMostOfTopic, [&](const rd_kafka_message_t& message, const Place&) {
        auto read = parse_mark({static_cast<const char*>(message.payload), message.len});
        strange = !read;
        if (read) mark = std::move(read);
      });
      if (!count) return std::unexpected(count.error());
      if (*count == 0) break;
    }
    if (strange) return refused(position_topic_name(settings_) + " is written by a newer version");
    if (!mark || mark->process == own_.process) return {};
    if (mark->log != own_.log)
      return refused("the topics under " + settings_.prefix + " mirror another log (" + mark->log + ", this one is " +
                     own_.log + "): mirror to another prefix");
    if (claimed_) return refused("another process mirrors this log to " + settings_.prefix + " now");
    if (!own_.earlier.contains(mark->process))
      return refused("the topics under " + settings_.prefix +
                     " were written by a process that this log does not know: " +
                     "it is a copy, or an older state that was restored; mirror it to another prefix");
    return {};
  }

  /// A position comes before the first record: records without one are not an outbox's.
  Result<void> check_nothing_is_there() const {
    const auto existing = existing_topics(client_.get());
    if (!existing) return std::unexpected(existing.error());
    for (const auto& [name, partitions] : *existing) {
      if (!name.starts_with(tenants_prefix(settings_))) continue;
      for (std::uint32_t p = 0; p < partitions; ++p) {
        const auto bounds = bounds_of(client_.get(), {name, static_cast<std::int32_t>(p)});
        if (!bounds) return std::unexpected(bounds.error());
        if (bounds->end > 0)
          return refused(name + " has records, but nothing says of which log: mirror to another prefix");
      }
    }
    return {};
  }

  const KafkaSettings settings_;
  const OutboxIdentity own_;
  const base::Clock& clock_;
  Handle client_;  ///< asks, and makes topics
  Transactor transactor_;
  std::optional<TenantTopics> topics_;
  std::optional<Publisher> publisher_;
  std::deque<Outgoing> staged_;
  bool claimed_ = false;  ///< this process has written a position
};

}  // namespace

Result<std::unique_ptr<OutboxTarget>> KafkaOutbox::make(KafkaSettings settings, OutboxIdentity identity,
                                                        const base::Clock& clock) {
  auto target = std::make_unique<KafkaOutboxTarget>(std::move(settings), std::move(identity), clock);
  if (auto connected = target->connect(); !connected) return std::unexpected(connected.error());
  return target;
}

}  // namespace lenne::storage
