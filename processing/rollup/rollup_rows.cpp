#include "processing/rollup/rollup_rows.hpp"

#include <fmt/format.h>

#include <array>

#include "base/bytes.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::rollup {
namespace {

template <typename T>
void append(std::string& key, T value) {
  std::array<std::uint8_t, sizeof(T)> bytes{};
  base::write_be(bytes.data(), value);
  key += base::as_text(bytes);
}

template <typename T>
T read(std::string_view key, std::size_t from) {
  return base::read_be<T>(base::as_bytes(key.substr(from, sizeof(T))));
}

void append_text(std::string& key, std::string_view text) {
  append(key, static_cast<std::uint8_t>(text.size()));
  key += text;
}

void append_group(std::string& key, const Group& group) {
  append(key, static_cast<std::uint64_t>(group.start_us));
  append_text(key, group.window);
  append_text(key, group.measure);
}

/// One of site, area and district is not empty, or none.
void append_place(std::string& key, const v1::Rollup& result) {
  append(key, static_cast<std::uint8_t>(result.level()));
  key.append(result.tenant()).push_back('\0');
  key.append(result.site()).append(result.area()).append(result.district());
}

/// Takes a text and its length from the front.
std::optional<std::string_view> take_text(std::string_view& key) {
  if (key.empty()) return std::nullopt;
  const std::size_t length = read<std::uint8_t>(key, 0);
  if (length == 0 || length > kMaxMeasureLength || key.size() < 1 + length) return std::nullopt;
  const auto text = key.substr(1, length);
  key.remove_prefix(1 + length);
  return text;
}

/// Takes a start, and leaves the texts.
std::optional<std::int64_t> take_time(std::string_view& key) {
  if (key.size() < 8) return std::nullopt;
  const auto time = static_cast<std::int64_t>(read<std::uint64_t>(key, 0));
  key.remove_prefix(8);
  return time;
}

}  // namespace

Group group_of(const v1::Aggregate& member) { return {member.start_us(), member.window(), member.measure()}; }

std::string members_prefix(const Group& group) {
  std::string key(kMembers);
  append_group(key, group);
  return key;
}

std::string members_key(const Group& group, std::uint32_t number) {
  auto key = members_prefix(group);
  append(key, number);
  return key;
}

std::string results_prefix(const Group& group) {
  std::string key(kResults);
  append_group(key, group);
  return key;
}

std::string result_key(const Group& group, const v1::Rollup& result) {
  auto key = results_prefix(group);
  append_place(key, result);
  return key;
}

std::string open_prefix(const Group& group) {
  std::string key(kOpen);
  append_group(key, group);
  return key;
}

std::string open_key(const Group& group, const v1::OpenRollup& open) {
  auto key = open_prefix(group);
  append(key, static_cast<std::uint8_t>(open.privacy()));
  append_place(key, open.result());
  return key;
}

std::string declared_key(std::string_view control_key) { return std::string(kDeclared).append(control_key); }

std::string due_key(std::int64_t due_us, const Group& group) {
  std::string key(kDues);
  append(key, static_cast<std::uint64_t>(due_us));
  append_group(key, group);
  return key;
}

std::optional<DueKey> parse_due_key(std::string_view key) {
  if (!key.starts_with(kDues)) return std::nullopt;
  key.remove_prefix(kDues.size());
  const auto due = take_time(key);
  const auto start = take_time(key);
  const auto window = take_text(key);
  const auto measure = take_text(key);
  if (!due || !start || !window || !measure || !key.empty()) return std::nullopt;
  return DueKey{*due, {*start, std::string(*window), std::string(*measure)}};
}

std::optional<SeenKey> parse_seen_key(std::string_view key) {
  if (!key.starts_with(kSeen)) return std::nullopt;
  key.remove_prefix(kSeen.size());
  const auto measure = take_text(key);
  if (!measure || key.size() != sizeof(std::uint64_t)) return std::nullopt;
  return SeenKey{*measure, read<std::uint64_t>(key, 0)};
}

std::string seen_key(std::string_view measure, std::uint64_t dev_eui) {
  std::string key(kSeen);
  append_text(key, measure);
  append(key, dev_eui);
  return key;
}

std::string watermark_key(std::uint32_t partition) {
  std::string key(kWatermarks);
  append(key, partition);
  return key;
}

std::optional<RowPlace> parse_place(std::string_view key) {
  if (key.empty()) return std::nullopt;
  key.remove_prefix(1);
  const auto start = take_time(key);
  const auto window = take_text(key);
  const auto measure = take_text(key);
  if (!start || !window || !measure) return std::nullopt;
  return RowPlace{*start, *measure};
}

std::string rows_from(std::string_view kind, std::int64_t start_us) {
  std::string key(kind);
  append(key, static_cast<std::uint64_t>(start_us));
  return key;
}

std::string after(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::unexpected<base::Error> bad_row() { return base::fail("bad_row", "a row of store rollup cannot be read"); }

base::Result<void> each_row(const Overlay& rows, const std::string& prefix,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  bool readable = true;
  const auto scanned =
      rows.scan(storage::Store::rollup, kPartition, prefix, after(prefix),
                [&](std::string_view key, std::string_view value) { return readable = visit(key, value); });
  if (scanned && !readable) return bad_row();
  return scanned;
}

bool is_row(std::string_view key, std::string_view value) {
  const auto parses = [&](auto message) {
    return message.ParseFromArray(value.data(), static_cast<int>(value.size()));
  };
  if (key.starts_with(kMembers)) return parse_place(key) && parses(v1::RollupMembers{});
  if (key.starts_with(kResults)) return parse_place(key) && parses(v1::Rollup{});
  if (key.starts_with(kOpen)) return parse_place(key) && parses(v1::OpenRollup{});
  if (key.starts_with(kDeclared)) return parses(v1::Object{});
  if (key.starts_with(kDues)) return parse_due_key(key) && value.empty();
  if (key.starts_with(kSeen)) return parses(v1::RollupSeen{});
  return (key.starts_with(kWatermarks) || key.starts_with(kPurged)) && value.size() == 8;
}

std::string topic_key(const v1::Rollup& result) {
  const auto what = fmt::format("{}/{}/{:016x}", result.measure(), result.window(), result.start_us());
  switch (result.level()) {
    case v1::ROLLUP_LEVEL_SITE:
      return fmt::format("site/{}/{}/{}", result.tenant(), result.site(), what);
    case v1::ROLLUP_LEVEL_TENANT:
      return fmt::format("tenant/{}/{}", result.tenant(), what);
    case v1::ROLLUP_LEVEL_AREA:
      return fmt::format("area/{}/{}/{}", result.tenant(), result.area(), what);
    case v1::ROLLUP_LEVEL_DISTRICT:
      return fmt::format("district/{}/{}", result.district(), what);
    default:
      return "region/" + what;
  }
}

std::string topic_key(const v1::OpenRollup& open) {
  return (open.privacy() == v1::PRIVACY_CLASS_HOUSEHOLD ? "household/" : "open/") + topic_key(open.result());
}

}  // namespace lenne::processing::rollup
