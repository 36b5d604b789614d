#include "processing/keys.hpp"

#include <array>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

template <typename T>
void add(std::string& key, T value) {
  std::array<std::uint8_t, sizeof(T)> bytes{};
  base::write_be(bytes.data(), value);
  key += base::as_text(bytes);
}

void add_start(std::string& key, std::int64_t start_us) { add(key, static_cast<std::uint64_t>(start_us)); }

template <typename T>
T at(std::string_view key, std::size_t from) {
  return base::read_be<T>(base::as_bytes(key.substr(from, sizeof(T))));
}

std::int64_t start_at(std::string_view key, std::size_t from) {
  return static_cast<std::int64_t>(at<std::uint64_t>(key, from));
}

// Marks on the length of a window in a key. No length has more than 28 bits.
constexpr std::uint32_t kLocalDay = 0x8000'0000;
constexpr std::uint32_t kHopping = 0x4000'0000;  ///< a length has one hop only
constexpr int kOtherCalendar = 28;               ///< bits 28 and 29: the calendar, less one; 0 = none or day_local
constexpr std::uint32_t kMarks = 0xf000'0000;

std::uint32_t marked_length(const Window& window) {
  const auto calendar = static_cast<std::uint32_t>(window.calendar);
  const auto day = calendar == 0 ? 0 : kLocalDay | (calendar - 1) << kOtherCalendar;
  return window.length_s | day | (window.hop_s != 0 ? kHopping : 0);
}

Calendar calendar_of(std::uint32_t marked) {
  return (marked & kLocalDay) == 0 ? Calendar::none : static_cast<Calendar>((marked >> kOtherCalendar & 3) + 1);
}

// One that can be computed with: no later than any time that is accepted.
bool is_window(const Window& window) {
  return window.start_us >= 0 && window.start_us <= kLatestTimeUs + kFutureUs && window.length_s > 0;
}

}  // namespace

std::string pane_key(const Window& pane, std::uint64_t dev_eui) {
  std::string key = pane_key_from(pane.start_us);
  add(key, pane.length_s);
  add(key, dev_eui);
  return key;
}

std::string pane_key_from(std::int64_t start_us) {
  std::string key;
  add_start(key, start_us);
  return key;
}

std::optional<PaneKey> parse_pane_key(std::string_view key) {
  if (key.size() != 20) return std::nullopt;
  const PaneKey named{{start_at(key, 0), at<std::uint32_t>(key, 8)}, at<std::uint64_t>(key, 12)};
  return is_window(named.pane) ? std::optional(named) : std::nullopt;
}

std::string sequence_key(std::uint64_t dev_eui, std::string_view measure, const Window& pane) {
  std::string key = sequence_key_from(dev_eui, measure, pane.start_us);
  add(key, pane.length_s);
  return key;
}

std::string sequence_key_from(std::uint64_t dev_eui, std::string_view measure, std::int64_t start_us) {
  std::string key = sequences_of(dev_eui);
  add(key, static_cast<std::uint8_t>(measure.size()));
  key += measure;
  add_start(key, start_us);
  return key;
}

std::string sequences_of(std::uint64_t dev_eui) {
  std::string key(kSequences);
  add(key, dev_eui);
  return key;
}

std::string sequences_end(std::uint64_t dev_eui) {
  return dev_eui == UINT64_MAX ? std::string(kSequencesEnd) : sequences_of(dev_eui + 1);
}

std::optional<SequenceKey> parse_sequence_key(std::string_view key) {
  constexpr std::size_t kHead = 10;  // prefix, DevEUI, length of the measure
  if (key.size() < kHead || !key.starts_with(kSequences)) return std::nullopt;
  const std::size_t length = at<std::uint8_t>(key, 9);
  if (length == 0 || length > kMaxMeasureLength || key.size() != kHead + length + 12) return std::nullopt;
  const auto rest = key.substr(kHead + length);
  const SequenceKey named{{start_at(rest, 0), at<std::uint32_t>(rest, 8)},
                          at<std::uint64_t>(key, 1),
                          std::string(key.substr(kHead, length))};
  return is_window(named.pane) ? std::optional(named) : std::nullopt;
}

std::string revision_key(const Window& window, std::uint64_t dev_eui, std::string_view measure) {
  std::string key = revision_key_from(window.start_us);
  add(key, marked_length(window));
  add(key, dev_eui);
  return key.append(measure);
}

std::string revision_key_from(std::int64_t start_us) {
  std::string key = "r";
  add_start(key, start_us);
  return key;
}

std::optional<Window> parse_revision_key(std::string_view key) {
  if (key.size() < 21 || key.front() != 'r') return std::nullopt;
  const auto size = at<std::uint32_t>(key, 9);
  const Window window{start_at(key, 1), size & ~kMarks, calendar_of(size)};
  return is_window(window) ? std::optional(window) : std::nullopt;
}

std::string aggregate_key(std::uint64_t dev_eui, std::string_view measure, const Window& window) {
  constexpr int kDigits = 16;
  const auto name = window_name(window);
  std::string key;
  key.reserve(2 * kDigits + measure.size() + name.size() + 3);
  base::append_hex(key, dev_eui, kDigits);
  key.append(1, '/').append(measure).append(1, '/').append(name).append(1, '/');
  base::append_hex(key, static_cast<std::uint64_t>(window.start_us), kDigits);
  return key;
}

bool is_backfilled(std::string_view aggregate_key) noexcept {
  return aggregate_key.find('@') != std::string_view::npos;
}

std::string device_key(std::uint64_t dev_eui) {
  std::string key;
  add(key, dev_eui);
  return key;
}

}  // namespace lenne::processing
