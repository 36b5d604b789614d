#pragma once
// A processor run once more over the log that it had, without crashes, cut into polls of any size.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "processing/processor.hpp"
#include "recorder.hpp"
#include "storage/log.hpp"

namespace lenne::sim {

/// State rows in a map.
class Rows final : public storage::StateReader {
 public:
  using Key = std::tuple<storage::Store, std::uint32_t, std::string>;
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  void apply(const storage::Batch& batch);
  [[nodiscard]] const std::map<Key, std::string>& all() const noexcept { return rows_; }

  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store store, std::uint32_t partition,
                                                             std::string_view key) const override;
  [[nodiscard]] base::Result<void> scan(storage::Store store, std::uint32_t partition, std::string_view from,
                                        std::string_view to, const Visit& visit) const override;
  [[nodiscard]] base::Result<void> scan_back(storage::Store store, std::uint32_t partition, std::string_view from,
                                             std::string_view to, const Visit& visit) const override;

 private:
  std::map<Key, std::string> rows_;
};

struct Appended {
  storage::Topic topic;
  std::uint32_t partition;
  std::string tenant;
  std::string key;
  std::string value;
  bool tombstone;

  friend bool operator==(const Appended&, const Appended&) = default;
};

struct Replayed {
  std::vector<Appended> appended;
  Rows rows;
};

using MakeProcessor = std::function<std::unique_ptr<processing::Processor>()>;

/// Runs the records of these topics through a new processor. `poll`: records between two commits, 0 = all in one.
/// `renew`: after each commit a new processor goes on from the rows.
/// Error: of the processor.
[[nodiscard]] base::Result<Replayed> replay(const std::vector<Recorded>& records,
                                            const std::vector<storage::Topic>& topics, std::uint32_t partitions,
                                            const MakeProcessor& make, std::size_t poll, bool renew);

}  // namespace lenne::sim
