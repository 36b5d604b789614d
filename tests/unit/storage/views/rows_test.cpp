#include "storage/views/rows.hpp"

#include <gtest/gtest.h>

#include <map>

namespace lenne::storage::views {
namespace {

/// A state that counts how often it is asked.
class CountingState final : public StateReader {
 public:
  base::Result<std::optional<std::string>> get(Store, std::uint32_t, std::string_view key) const override {
    ++asked;
    const auto found = rows.find(key);
    return found == rows.end() ? std::nullopt : std::optional(found->second);
  }
  using Visit = std::function<bool(std::string_view, std::string_view)>;
  base::Result<void> scan(Store, std::uint32_t, std::string_view, std::string_view, const Visit&) const override {
    return base::fail("log_read", "not used");
  }
  base::Result<void> scan_back(Store, std::uint32_t, std::string_view, std::string_view, const Visit&) const override {
    return base::fail("log_read", "not used");
  }

  std::map<std::string, std::string, std::less<>> rows;
  mutable int asked = 0;
};

TEST(TextRows, RemembersWhatItReadAndWroteUpToItsBound) {
  CountingState state;
  state.rows = {{"a", "1"}};
  RowSource source;
  source.open(state);
  TextRows rows(source, Store::view_meta, 2);
  EXPECT_EQ(rows.get("a"), "1");
  EXPECT_EQ(rows.get("b"), std::nullopt);
  Batch batch;
  rows.flush(batch);
  EXPECT_EQ(batch.changes(), 0u) << "what was only read is not written";
  EXPECT_EQ(rows.get("a"), "1");
  EXPECT_EQ(rows.get("b"), std::nullopt);
  EXPECT_EQ(state.asked, 2) << "absence is remembered, too";

  rows.put("b", "2");
  rows.put("b", "3");
  rows.erase("a");
  EXPECT_EQ(rows.get("b"), "3");
  EXPECT_EQ(rows.get("a"), std::nullopt);
  rows.flush(batch);
  EXPECT_EQ(batch.changes(), 2u) << "each row once";
  rows.put("c", "4");
  rows.flush(batch);
  state.rows = {{"b", "3"}, {"c", "4"}};
  EXPECT_EQ(rows.get("b"), "3");
  EXPECT_EQ(state.asked, 3) << "three rows are too many: they were forgotten";
}

}  // namespace
}  // namespace lenne::storage::views
