#include "processing/rollup/rollup_processor.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "base/bytes.hpp"
#include "lenne/v1/quarantine.pb.h"
#include "processing/rules.hpp"

namespace lenne::processing::rollup {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

/// A group whose members are corrected is computed again, as a whole, when the least watermark is in the next such
/// stretch: what a gateway had kept while it was cut off corrects a day of thousands of devices for many minutes.
constexpr std::int64_t kRevisionEveryUs = 10 * 60 * kSecondUs;
/// Old rows that one record deletes at most.
constexpr std::size_t kPurgeTogether = 2000;
/// Rows stay so much longer than a member can be corrected.
constexpr std::int64_t kMarginUs = 86400 * kSecondUs;
/// Of rows of meters, and of all others: how far they are deleted.
constexpr std::array<std::string_view, 2> kPurgePlaces{"p0", "p1"};

template <typename Message>
std::optional<Message> parse(std::string_view value) {
  std::optional<Message> message(std::in_place);
  if (!message->ParseFromArray(value.data(), static_cast<int>(value.size()))) message.reset();
  return message;
}

/// The rows whose keys begin with `prefix`, by key.
template <typename Message>
Result<std::map<std::string, Message>> stored(const Overlay& rows, const std::string& prefix) {
  std::map<std::string, Message> all;
  const auto read = each_row(rows, prefix, [&](std::string_view key, std::string_view value) {
    auto message = parse<Message>(value);
    if (message) all.emplace(std::string(key), std::move(*message));
    return message.has_value();
  });
  if (!read) return std::unexpected(read.error());
  return all;
}

std::string text_of(std::int64_t time_us) {
  std::array<std::uint8_t, 8> bytes{};
  base::write_be(bytes.data(), static_cast<std::uint64_t>(time_us));
  return std::string(base::as_text(bytes));
}

std::optional<std::int64_t> time_of(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  return static_cast<std::int64_t>(base::read_be<std::uint64_t>(base::as_bytes(text)));
}

/// Both say the same.
bool same(v1::Rollup a, v1::Rollup b) {
  for (auto* each : {&a, &b}) {
    each->clear_revision();
    each->clear_emitted_us();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

RollupProcessor::RollupProcessor(WindowSettings settings, std::uint32_t partitions, base::Counters& counters,
                                 std::size_t portion_bytes, std::size_t most_members)
    : settings_(std::move(settings)),
      partitions_(partitions),
      portion_bytes_(portion_bytes),
      counters_(counters),
      open_(most_members) {}

Result<void> RollupProcessor::assigned(std::uint32_t partition, const storage::StateReader& state) {
  if (partition != kPartition) return {};
  rows_ = std::make_unique<Overlay>(state, kPartition);
  watermarks_.clear();
  due_of_.clear();
  dues_.clear();
  return load();
}

void RollupProcessor::revoked(std::uint32_t partition) {
  if (partition == kPartition) rows_.reset();
}

Result<void> RollupProcessor::load() {
  open_.clear();
  if (auto loaded = directory_.load(*rows_); !loaded) return loaded;
  if (auto loaded = seen_.load(*rows_); !loaded) return loaded;
  auto read = each_row(*rows_, std::string(kWatermarks), [&](std::string_view key, std::string_view value) {
    const auto time = time_of(value);
    if (key.size() != 5 || !time) return false;
    watermarks_[base::read_be<std::uint32_t>(base::as_bytes(key.substr(1)))] = *time;
    return true;
  });
  if (!read) return read;
  read = each_row(*rows_, std::string(kDues), [&](std::string_view key, std::string_view) {
    auto due = parse_due_key(key);
    if (!due) return false;
    dues_.emplace(due->due_us, due->group);
    due_of_.emplace(std::move(due->group), due->due_us);
    return true;
  });
  if (!read) return read;
  least_us_ = least_watermark().value_or(0);
  return {};
}

Progress RollupProcessor::step(const storage::Record& record, storage::Batch& out) {
  if (fault_ || record.topic != Topic::rollup_in) return Progress::done;
  if (!rows_) {
    fault_ = base::Error{"not_assigned", "a record of a partition that was not assigned"};
    return Progress::done;
  }
  if (!input_.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) ||
      input_.input_case() == v1::RollupInput::INPUT_NOT_SET) {
    counters_.count("rollups.malformed");
    v1::DeadLetter letter;
    letter.set_reason("rollups.malformed");
    letter.set_topic(std::string(storage::info_of(record.topic).name));
    letter.set_partition(record.partition);
    letter.set_offset(record.offset);
    letter.set_record(std::string(record.value));
    out.append(Topic::dead_letter, kPartition, {}, record.key, letter.SerializeAsString());
    return Progress::done;
  }
  if (input_.has_member()) {
    if (auto taken = take_member(input_.member()); !taken) fault_ = taken.error();
    return Progress::done;
  }
  if (input_.has_declared() || input_.has_withdrawn()) {
    counters_.count("rollups.declared");
    input_.has_declared() ? directory_.declare(input_.declared(), *rows_)
                          : directory_.withdraw(input_.withdrawn(), *rows_);
    return Progress::done;
  }
  const auto progress = take_time(input_.time(), out);
  if (!progress) fault_ = progress.error();
  return progress.value_or(Progress::done);
}

Result<void> RollupProcessor::take_member(const v1::Aggregate& result) {
  counters_.count("rollups.members");
  auto member = member_of(result);
  if (!member || result.measure().empty() || result.measure().size() > kMaxMeasureLength || result.window().empty() ||
      result.window().size() > kMaxMeasureLength)
    return {};
  const auto group = group_of(result);
  const auto changed = open_.put(group, std::move(*member), *rows_);
  if (!changed) return std::unexpected(changed.error());
  if (!*changed) return {};
  seen_.note(result, *rows_);
  const auto grace = settings_.grace_us(series_class_of(result.measure()));
  const auto first_due = result.end_us() + grace + settings_.spread_us(grace);
  schedule(group, first_due > least_us_ ? first_due : (least_us_ / kRevisionEveryUs + 1) * kRevisionEveryUs);
  return {};
}

void RollupProcessor::schedule(const Group& group, std::int64_t due_us) {
  if (!due_of_.emplace(group, due_us).second) return;  // it will be computed with all that comes before
  dues_.emplace(due_us, group);
  rows_->put(Store::rollup, due_key(due_us, group), {});
}

std::optional<std::int64_t> RollupProcessor::least_watermark() const {
  if (watermarks_.size() < partitions_) return std::nullopt;
  return std::ranges::min(watermarks_ | std::views::values);
}

Result<Progress> RollupProcessor::take_time(const v1::PartitionWatermark& time, storage::Batch& out) {
  if (time.partition() >= partitions_) return Progress::done;
  auto& known = watermarks_[time.partition()];
  if (time.watermark_us() > known) {
    known = time.watermark_us();
    rows_->put(Store::rollup, watermark_key(time.partition()), text_of(known));
  }
  const auto least = least_watermark();
  if (!least) return Progress::done;
  least_us_ = *least;
  for (bool first = true; !dues_.empty() && dues_.begin()->first <= least_us_; first = false) {
    if (!first && out.bytes() + pending_bytes() >= portion_bytes_) return Progress::more;
    const auto [due_us, group] = *dues_.begin();
    dues_.erase(dues_.begin());
    due_of_.erase(group);
    rows_->erase(Store::rollup, due_key(due_us, group));
    if (auto computed = compute(group, out); !computed) return std::unexpected(computed.error());
  }
  if (auto purged = purge(); !purged) return std::unexpected(purged.error());
  return Progress::done;
}

Result<void> RollupProcessor::compute(const Group& group, storage::Batch& out) {
  auto members = open_.take(group, *rows_);
  if (!members) return std::unexpected(members.error());
  if (members->all.empty()) return {};
  std::vector<Contribution> contributions;
  for (const auto* member : members->all) {
    const auto privacy = directory_.privacy_of(member->tenant(), member->dev_eui());
    if (privacy != v1::PRIVACY_CLASS_UNSPECIFIED) contributions.push_back({privacy, member});
  }
  auto before = stored<v1::Rollup>(*rows_, results_prefix(group));
  if (!before) return std::unexpected(before.error());
  const auto totals = seen_.in(group, directory_);
  for (auto& result :
       fold(group.measure, group.window, group.start_us, std::move(members->all), totals.all, directory_.places())) {
    const auto key = result_key(group, result);
    auto known = before->extract(key);
    tell(key, std::move(result), known.empty() ? std::nullopt : std::optional(std::move(known.mapped())), out);
  }
  // A place that all of its devices have left.
  for (auto& [key, result] : *before) {
    auto empty = result;
    make_empty(empty);
    tell(key, std::move(empty), std::move(result), out);
  }
  return publish(group, contributions, totals.open, out);
}

/// Tells everybody what they may know of a group. Sums over households are told once: from two that differ by a meter
/// that came later, anybody could compute that meter.
Result<void> RollupProcessor::publish(const Group& group, const std::vector<Contribution>& contributions,
                                      const Totals& totals, storage::Batch& out) {
  auto before = stored<v1::OpenRollup>(*rows_, open_prefix(group));
  if (!before) return std::unexpected(before.error());
  if (contributions.empty() && before->empty()) return {};
  auto releases = release(group, contributions, totals, directory_.places(), least_us_);
  const auto write = [&](const std::string& key, Released& released, const v1::OpenRollup* known) {
    if (known != nullptr && same(known->result(), released.record().result())) return;
    released.write(known == nullptr ? 0 : known->result().revision() + 1, least_us_, out);
    counters_.count("rollups.released");
    rows_->put(Store::rollup, key, released.record().SerializeAsString());
  };
  for (auto& released : releases.released) {
    const auto key = open_key(group, released.record());
    const auto known = before->extract(key);
    if (!known.empty() && released.record().privacy() == v1::PRIVACY_CLASS_HOUSEHOLD) continue;
    write(key, released, known.empty() ? nullptr : &known.mapped());
  }
  for (const auto& [key, open] : *before) {
    if (open.privacy() == v1::PRIVACY_CLASS_HOUSEHOLD) continue;
    auto nothing = Released::nothing_of(open);
    write(key, nothing, &open);
  }
  bool later = false;
  for (const auto why : releases.withheld) {
    counters_.count("rollups.withheld." + std::string(name_of(why)));
    later = later || why == Withheld::too_early;
  }
  if (later) schedule(group, contributions.front().member->end_us() + kGateRules.delay_us);
  return {};
}

void RollupProcessor::tell(const std::string& row_key, v1::Rollup result, const std::optional<v1::Rollup>& before,
                           storage::Batch& out) {
  if (before && same(*before, result)) return;
  result.set_revision(before ? before->revision() + 1 : 0);
  result.set_emitted_us(least_us_);
  counters_.count(before ? "rollups.revisions" : "rollups.results");
  const auto value = result.SerializeAsString();
  out.append(Topic::rollup, kPartition, result.tenant(), topic_key(result), value);
  rows_->put(Store::rollup, row_key, value);
}

/// Deletes rows that no correction can need any more, in the order of their windows' starts.
Result<void> RollupProcessor::purge() {
  std::size_t budget = kPurgeTogether;
  for (const bool meters : {false, true}) {
    const std::string place_key(kPurgePlaces[meters ? 1 : 0]);
    const auto stored = rows_->get(Store::rollup, kPartition, place_key);
    if (!stored) return std::unexpected(stored.error());
    const auto cutoff = least_us_ - settings_.keep_us(meters) - settings_.longest_us() - kMarginUs;
    const auto from = *stored ? time_of(**stored) : std::optional<std::int64_t>(0);
    if (!from) return bad_row();
    constexpr std::int64_t kStepUs = 3600 * kSecondUs;
    if (cutoff < *from + kStepUs) continue;
    std::vector<std::string> old;
    std::int64_t reached = cutoff;
    for (const auto kind : {kMembers, kResults, kOpen}) {
      const auto scanned = rows_->scan(Store::rollup, kPartition, rows_from(kind, *from), rows_from(kind, reached),
                                       [&](std::string_view key, std::string_view) {
                                         const auto place = parse_place(key);
                                         if (!place) return true;
                                         if (budget == 0) {
                                           reached = place->start_us;
                                           return false;
                                         }
                                         if (is_meter(series_class_of(place->measure)) != meters) return true;
                                         old.emplace_back(key);
                                         --budget;
                                         return true;
                                       });
      if (!scanned) return scanned;
    }
    for (auto& key : old) {
      rows_->erase(Store::rollup, std::move(key));
      counters_.count("rollups.purged");
    }
    if (reached > *from) rows_->put(Store::rollup, place_key, text_of(reached));
  }
  return {};
}

std::size_t RollupProcessor::pending_bytes() const { return rows_ ? rows_->bytes() + open_.pending_bytes() : 0; }

void RollupProcessor::flush(storage::Batch& out) {
  if (!rows_) return;
  open_.write(*rows_);
  rows_->flush(out);
}

}  // namespace lenne::processing::rollup
