#include "network/origins.hpp"

#include <algorithm>
#include <span>

#include "base/bytes.hpp"

namespace lenne::network {
namespace {

constexpr std::size_t kKeyLength = 1 + 4 + 8;
constexpr std::size_t kValueLength = OriginMemory::kNumbers / 8;

[[nodiscard]] std::string row_key(std::uint32_t instance, std::uint64_t row) {
  std::array<std::uint8_t, kKeyLength> key{};
  key[0] = static_cast<std::uint8_t>(OriginMemory::kPrefix);
  base::write_be(key.data() + 1, instance);
  base::write_be(key.data() + 5, row);
  return std::string(base::as_text(key));
}

[[nodiscard]] std::string to_bytes(std::span<const std::uint64_t> words) {
  std::string bytes(kValueLength, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(words[i / 8] >> (i % 8 * 8) & 0xFF);
  return bytes;
}

}  // namespace

OriginMemory::Verdict OriginMemory::take(const v1::Origin& origin, std::uint64_t offset) {
  if (origin.instance() == 0) return Verdict::fresh;
  auto found = instances_.find(origin.instance());
  if (found == instances_.end()) {
    if (instances_.size() >= kInstances) forget_the_most_silent();
    found = instances_.emplace(origin.instance(), Instance{.incarnation = origin.incarnation()}).first;
  }
  auto& instance = found->second;
  if (origin.incarnation() < instance.incarnation) return Verdict::stale;
  if (origin.incarnation() > instance.incarnation) {
    instance.incarnation = origin.incarnation();
    forget_rows(origin.instance(), instance);
  }
  instance.seen_offset = offset;

  const auto number = origin.sequence() / kNumbers;
  auto& rows = instance.rows;
  if (!rows.empty() && rows.rbegin()->first >= kRows && number <= rows.rbegin()->first - kRows) return Verdict::stale;
  const auto place = origin.sequence() % kNumbers;
  auto& word = rows[number][place / 64];
  const auto bit = std::uint64_t{1} << (place % 64);
  if ((word & bit) != 0) return Verdict::repeated;
  word |= bit;
  if (changed_.empty() || changed_.back() != RowName{origin.instance(), number})
    changed_.emplace_back(origin.instance(), number);
  while (rows.rbegin()->first - rows.begin()->first >= kRows) {
    changed_.emplace_back(origin.instance(), rows.begin()->first);
    rows.erase(rows.begin());
  }
  return Verdict::fresh;
}

std::optional<std::uint32_t> OriginMemory::incarnation_of(std::uint32_t instance) const {
  const auto found = instances_.find(instance);
  if (found == instances_.end()) return std::nullopt;
  return found->second.incarnation;
}

std::size_t OriginMemory::rows() const noexcept {
  std::size_t count = 0;
  for (const auto& [number, instance] : instances_) count += instance.rows.size();
  return count;
}

void OriginMemory::forget_rows(std::uint32_t number, Instance& instance) {
  for (const auto& [row, numbers] : instance.rows) changed_.emplace_back(number, row);
  instance.rows.clear();
}

void OriginMemory::forget_the_most_silent() {
  const auto silent =
      std::ranges::min_element(instances_, {}, [](const auto& item) { return item.second.seen_offset; });
  forget_rows(silent->first, silent->second);
  instances_.erase(silent);
}

const OriginMemory::Numbers* OriginMemory::find_row(std::uint32_t number, std::uint64_t row) const {
  const auto instance = instances_.find(number);
  if (instance == instances_.end()) return nullptr;
  const auto found = instance->second.rows.find(row);
  return found == instance->second.rows.end() ? nullptr : &found->second;
}

void OriginMemory::save(v1::NetworkPartition& row, storage::Batch& out, std::uint32_t partition) {
  for (const auto& [number, instance] : instances_) {
    auto& origin = *row.add_origins();
    origin.set_instance(number);
    origin.set_incarnation(instance.incarnation);
    origin.set_seen_offset(instance.seen_offset);
  }
  std::ranges::sort(changed_);
  const auto repeats = std::ranges::unique(changed_);
  changed_.erase(repeats.begin(), repeats.end());
  for (const auto& [instance, number] : changed_) {
    const auto key = row_key(instance, number);
    const auto* numbers = find_row(instance, number);
    if (numbers == nullptr) {
      out.erase(storage::Store::network, partition, key);
    } else {
      out.put(storage::Store::network, partition, key, to_bytes(*numbers));
    }
  }
  changed_.clear();
}

bool OriginMemory::load(const v1::NetworkPartition& row) {
  instances_.clear();
  changed_.clear();
  if (static_cast<std::size_t>(row.origins_size()) > kInstances) return false;
  for (const auto& origin : row.origins()) {
    instances_.insert_or_assign(origin.instance(),
                                Instance{.incarnation = origin.incarnation(), .seen_offset = origin.seen_offset()});
  }
  return true;
}

bool OriginMemory::load_row(std::string_view key, std::string_view value) {
  if (key.size() != kKeyLength || key.front() != kPrefix || value.size() != kValueLength) return false;
  const auto instance = instances_.find(base::read_be<std::uint32_t>(base::as_bytes(key.substr(1))));
  if (instance == instances_.end()) return false;
  auto& rows = instance->second.rows;
  const auto number = base::read_be<std::uint64_t>(base::as_bytes(key.substr(5)));
  if (number > UINT64_MAX / kNumbers) return false;
  // They come in the order of their keys.
  if (!rows.empty() && number - rows.begin()->first >= kRows) return false;
  auto& numbers = rows[number];
  for (std::size_t i = 0; i < value.size(); ++i)
    numbers[i / 8] |= std::uint64_t{static_cast<std::uint8_t>(value[i])} << (i % 8 * 8);
  return true;
}

}  // namespace lenne::network
