#pragma once
// Reads topics without a group.

#include <span>
#include <string>
#include <vector>

#include "storage/kafka/tailer.hpp"
#include "storage/log.hpp"

namespace lenne::storage::kafka {

/// The places of topics, but not of those that tenants write, at the beginning of each; a place's tag is the topic's
/// index in kTopics.
[[nodiscard]] Places places_of(const KafkaSettings& settings, const std::vector<Topic>& topics);
/// Sets them after these records.
void pass(Places& places, std::span<const Record> records);
/// Where they stand, as text: "t<topic>.<partition>.<offset>", joined by "_".
[[nodiscard]] std::string to_text(const Places& places);
/// False when the text is of other places.
[[nodiscard]] bool parse(std::string_view text, Places& places);

/// Collects records with bytes of their own. A reader of one tenant's records sees no others.
class Collector {
 public:
  explicit Collector(std::string_view tenant = {});
  void take(const rd_kafka_message_t& message, const Place& place);
  /// Forgets the records of a partition.
  void drop(std::uint32_t partition);
  [[nodiscard]] Poll poll() &&;

 private:
  using Chunks = std::deque<std::string>;  ///< none of them ever grows beyond what it was made for

  [[nodiscard]] std::string_view keep(std::string_view bytes);

  std::string_view tenant_;
  std::shared_ptr<Chunks> kept_;
  Poll poll_;
};

/// See Reader. One thread.
class KafkaReader final : public Reader {
 public:
  KafkaReader(Tailer tailer, Places places, std::string tenant)
      : tailer_(std::move(tailer)), places_(std::move(places)), tenant_(std::move(tenant)) {}

  Result<Poll> poll(Duration patience, std::size_t most) override;
  Result<Poll> poll_to_end(std::size_t most) override;
  Result<void> seek(const SeekTo& to) override;
  std::string position() const override { return to_text(places_); }
  [[nodiscard]] const Places& places() const noexcept { return places_; }

 private:
  using Fetch = std::function<Result<std::size_t>(const Tailer::Visit& visit)>;
  [[nodiscard]] Result<Poll> collect(const Fetch& fetch);

  Tailer tailer_;
  Places places_;
  bool moved_ = true;  ///< to be read from places_ by the next poll
  const std::string tenant_;
};

}  // namespace lenne::storage::kafka
