#include "recorder.hpp"

namespace lenne::sim {

base::Result<void> Recorder::drain(storage::Log& log) {
  std::vector<storage::Topic> topics;
  for (const auto& info : storage::kTopics) topics.push_back(info.topic);
  auto reader = log.reader(topics);
  if (!reader) return std::unexpected(reader.error());
  const auto where = position_.empty() ? storage::SeekTo{storage::SeekTo::Where::beginning}
                                       : storage::SeekTo{storage::SeekTo::Where::token, position_};
  if (auto sought = (*reader)->seek(where); !sought) return sought;
  for (;;) {
    const auto poll = (*reader)->poll({}, 10'000);
    if (!poll) return std::unexpected(poll.error());
    if (poll->records.empty()) break;
    for (const auto& record : poll->records) {
      records_.push_back({record.topic, record.partition, record.offset, record.appended, std::string(record.tenant),
                          std::string(record.key), std::string(record.value), record.tombstone});
    }
  }
  position_ = (*reader)->position();
  return {};
}

}  // namespace lenne::sim
