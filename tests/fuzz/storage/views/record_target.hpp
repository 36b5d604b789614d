#pragma once
// Any bytes as a record of each topic that the views follow, over a state whose every row is any bytes: counted or
// folded, never fatal. Input: topic | tombstone, key length, row length, key, row, value.

#include <functional>

#include "storage/views/views.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {
namespace views_record {

/// Has the same row under every key.
class OneRow final : public storage::StateReader {
 public:
  using Visit = std::function<bool(std::string_view, std::string_view)>;
  explicit OneRow(std::string_view row) : row_(row) {}

  [[nodiscard]] base::Result<std::optional<std::string>> get(storage::Store, std::uint32_t,
                                                             std::string_view) const override {
    if (row_.empty()) return std::optional<std::string>{};
    return std::optional<std::string>{row_};
  }
  [[nodiscard]] base::Result<void> scan(storage::Store, std::uint32_t, std::string_view, std::string_view,
                                        const Visit&) const override {
    return {};
  }
  [[nodiscard]] base::Result<void> scan_back(storage::Store, std::uint32_t, std::string_view, std::string_view,
                                             const Visit&) const override {
    return {};
  }

 private:
  std::string row_;
};

}  // namespace views_record

inline void record(base::ByteView bytes) {
  if (bytes.size() < 3) return;
  constexpr std::size_t kTopics = std::size(storage::views::kViewTopics);
  const auto topic = storage::views::kViewTopics[(bytes[0] & 0x7f) % kTopics];
  const bool tombstone = (bytes[0] & 0x80) != 0;
  auto text = base::as_text(bytes.subspan(3));
  const auto key = text.substr(0, bytes[1]);
  text.remove_prefix(key.size());
  const auto row = text.substr(0, bytes[2]);
  text.remove_prefix(row.size());

  const views_record::OneRow state(row);
  base::Counters counters;
  storage::views::Views views(counters);
  views.open(state);
  storage::Batch batch;
  // Twice, as after a restart that lost the last commit; then what undoes it.
  const storage::Record once{topic, 0, 1, base::from_us(1'790'000'000'000'000), "menden", key, text, tombstone};
  views.apply(once, batch);
  views.apply(once, batch);
  auto undo = once;
  undo.tombstone = true;
  views.apply(undo, batch);
  views.flush(batch);
  require(views.health().has_value(), "no record is a fault of the state");
}

}  // namespace lenne::fuzz
