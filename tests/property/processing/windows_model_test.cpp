// The windows against a model that shares no code with them: it keeps every sample, works second by second, and
// computes anew every window that a record may change. And: batching and crashes change nothing.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/int128.hpp"
#include "base/random.hpp"
#include "processing/keys.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

/// A gauge that holds its value.
constexpr std::string_view kHeld = "power";

/// Results as text, so that a difference reads well.
struct Numbers {
  std::string text;
  bool empty = true;
};

class Model {
 public:
  explicit Model(const WindowSettings& settings) : settings_(settings) {}

  /// The results that a record makes: key -> revision and numbers.
  std::map<std::string, std::string> step(const v1::Measurement& record) {
    const auto before = watermark();
    now_ = std::max(now_, record.received_us());
    std::map<std::string, std::string> out;
    evaluate(before, {}, out);
    if (record.tick()) return out;
    std::set<Series> touched;
    for (const auto& sample : record.samples()) {
      take(record, sample);
      touched.emplace(record.dev_eui(), sample.measure());
    }
    evaluate(watermark(), touched, out);
    return out;
  }
  std::uint64_t refused = 0;

 private:
  using Series = std::pair<std::uint64_t, std::string>;
  using Id = std::tuple<std::int64_t, std::uint64_t, std::uint32_t, std::uint32_t>;
  struct Value {
    std::int64_t value;
    bool flagged;
    bool reverse;
  };
  struct Published {
    Numbers numbers;
    std::int64_t revision = -1;
  };

  struct Span {
    std::int64_t start;
    std::int64_t end;
    Calendar calendar;
    std::int64_t hop = 0;
  };
  [[nodiscard]] std::vector<Span> spans_at(std::int64_t time) const {
    std::vector<Span> spans;
    for (const auto length : settings_.windows_s) {
      const auto start = time / (length * kSecond) * (length * kSecond);
      spans.push_back({start, start + length * kSecond, Calendar::none});
    }
    for (const auto& [length_s, hop_s] : settings_.hopping) {
      const auto length = length_s * kSecond;
      const auto hop = hop_s * kSecond;
      for (auto start = (time - length) / hop * hop; start <= time; start += hop) {
        if (start + length > time) spans.push_back({start, start + length, Calendar::none, hop});
      }
    }
    for (const auto& info : kCalendars) {
      if (settings_.days[index_of(info.calendar)]) spans.push_back(day_at(info.calendar, time));
    }
    return spans;
  }
  static bool is_gauge(const std::string& measure) { return measure == "temperature" || measure == "pm10"; }
  static bool is_meter(const std::string& measure) { return measure == "water_volume" || measure == "gas_volume"; }
  static bool computes(const std::string& measure, const Span& span) {
    if (span.calendar == Calendar::rain_day || (span.calendar == Calendar::gas_day && measure != "gas_volume") ||
        (span.calendar == Calendar::day_cet && measure != "pm10"))
      return false;
    return !is_meter(measure) || span.end - span.start >= 15 * kMinute;
  }
  static Span day_at(Calendar calendar, std::int64_t time) {
    const auto start = day_start_s(calendar, time / kSecond);
    return {start * kSecond, day_start_s(calendar, start + 30 * 3600) * kSecond, calendar};
  }
  static Span next(const Span& span) {
    if (span.calendar != Calendar::none) return day_at(span.calendar, span.end);
    if (span.hop != 0) return {span.start + span.hop, span.end + span.hop, Calendar::none, span.hop};
    return {span.end, span.end + span.end - span.start, Calendar::none};
  }

  [[nodiscard]] std::int64_t watermark() const { return now_ - settings_.watermark_delay.count(); }
  [[nodiscard]] std::int64_t due(std::int64_t end, const std::string& measure) const {
    if (settings_.grace) return end + settings_.grace->count();
    return end + (measure == "parking_occupied" ? 2 : is_meter(measure) ? 48 * 60 : 5) * kMinute;
  }
  [[nodiscard]] std::int64_t horizon(const std::string& measure) const {
    if (settings_.horizon) return settings_.horizon->count();
    return (is_meter(measure) ? 45 : 7) * 24 * kHour;
  }

  void take(const v1::Measurement& record, const v1::Sample& sample) {
    if (sample.time_us() > record.received_us() + kMinute) {
      ++refused;
      return;
    }
    bool wanted = false;
    for (const auto& span : spans_at(sample.time_us())) {
      if (!computes(sample.measure(), span)) continue;
      const auto end = span.end;
      if (due(end, sample.measure()) > watermark() || end + horizon(sample.measure()) > watermark()) wanted = true;
    }
    if (!wanted) {
      ++refused;
      return;
    }
    auto& samples = samples_[{record.dev_eui(), sample.measure()}];
    const Id id{sample.time_us(), record.session(), record.f_cnt(), sample.index()};
    Value value{sample.value(), sample.flags() != 0, sample.reverse()};
    if (sample.kind() == v1::KIND_COUNTER && !value.flagged && !samples.contains(id)) {
      const auto same = std::ranges::find_if(samples, [&](const auto& other) {
        return std::get<0>(other.first) == sample.time_us() && !other.second.flagged;
      });
      if (same != samples.end() && same->second.value == value.value) return;  // the same reading again
      value.flagged = same != samples.end();
    }
    samples.emplace(id, value);
    nominal_[{record.dev_eui(), sample.measure()}] = record.nominal_interval_s();
  }

  /// A window that closes is looked at once; after that when its series got samples, as long as corrections are taken.
  void evaluate(std::int64_t watermark_before, const std::set<Series>& touched,
                std::map<std::string, std::string>& out) {
    for (const auto& [series, samples] : samples_) {
      const auto first = std::get<0>(samples.begin()->first);
      std::set<std::string> seen;  // hopping windows that follow from several
      for (auto span : spans_at(first)) {
        if (!computes(series.second, span)) continue;
        for (; due(span.end, series.second) <= watermark(); span = next(span)) {
          const auto start = span.start;
          const auto step = span.end - span.start;
          const bool closes = due(span.end, series.second) > watermark_before;
          if (!closes && (!touched.contains(series) || span.end + horizon(series.second) <= watermark())) continue;
          const auto key = aggregate_key(series.first, series.second,
                                         {start, static_cast<std::uint32_t>(step / kSecond), span.calendar,
                                          static_cast<std::uint32_t>(span.hop / kSecond)});
          if (!seen.insert(key).second) continue;
          const auto known = published_.find(key);
          auto numbers = is_gauge(series.second)   ? gauge_of(series, samples, start, step)
                         : is_meter(series.second) ? counter_of(samples, start, step)
                         : series.second == kHeld  ? held_of(series, samples, start, step)
                                                   : state_of(series, samples, start, step);
          if (known == published_.end() ? numbers.empty : known->second.numbers.text == numbers.text) continue;
          const auto revision = known == published_.end() ? 0 : known->second.revision + 1;
          published_[key] = {numbers, revision};
          out[key] += "r" + std::to_string(revision) + " " + numbers.text;
        }
      }
    }
  }

  Numbers gauge_of(const Series& series, const std::map<Id, Value>& samples, std::int64_t start,
                   std::int64_t step) const {
    std::int64_t count = 0, sum = 0, squares = 0, min = 0, max = 0, min_at = 0, max_at = 0, left_out = 0;
    std::set<std::int64_t> slots;
    const auto nominal = std::int64_t{nominal_.at(series)};
    for (const auto& [id, value] : samples) {
      const auto at = std::get<0>(id);
      if (at < start || at >= start + step) continue;
      if (value.flagged) {
        ++left_out;
        continue;
      }
      if (count == 0 || value.value < min) std::tie(min, min_at) = std::pair(value.value, at);
      if (count == 0 || value.value > max) std::tie(max, max_at) = std::pair(value.value, at);
      ++count;
      sum += value.value;
      squares += value.value * value.value;
      if (nominal != 0) slots.insert(at / kSecond / nominal);
    }
    std::int64_t covered = 0;
    for (auto second = start / kSecond; nominal != 0 && second < (start + step) / kSecond; ++second)
      covered += slots.contains(second / nominal);
    return {fmt_numbers({count, sum, squares, min, min_at, max, max_at, covered, left_out}), count == 0};
  }

  Numbers state_of(const Series& series, const std::map<Id, Value>& samples, std::int64_t start,
                   std::int64_t step) const {
    const auto hold = 2 * std::int64_t{nominal_.at(series)} * kSecond;
    std::int64_t count = 0, left_out = 0, on = 0, off = 0, occupied = 0, known = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> entries;
    for (const auto& [id, value] : samples) {
      const auto at = std::get<0>(id);
      const bool inside = at >= start && at < start + step;
      if (value.flagged) {
        left_out += inside;
        continue;
      }
      if (inside) {
        ++count;
        if (!entries.empty() && at - entries.back().first <= hold) {
          on += entries.back().second == 0 && value.value != 0;
          off += entries.back().second != 0 && value.value == 0;
        }
      }
      entries.emplace_back(at, value.value);
    }
    for (auto second = start; second < start + step; second += kSecond) {
      const auto next = std::ranges::upper_bound(entries, second, {}, [](const auto& e) { return e.first; });
      if (next == entries.begin()) continue;
      const auto& [at, value] = *std::prev(next);
      if (second >= at + hold) continue;
      ++known;
      occupied += value != 0;
    }
    return {fmt_numbers({count, on, off, occupied, known, left_out}), count == 0 && known == 0};
  }

  Numbers held_of(const Series& series, const std::map<Id, Value>& samples, std::int64_t start,
                  std::int64_t step) const {
    const auto hold = 2 * std::int64_t{nominal_.at(series)} * kSecond;
    std::int64_t count = 0, left_out = 0, known = 0, sum = 0, min = 0, max = 0, min_at = 0, max_at = 0;
    std::map<std::int64_t, std::int64_t> values;  // of those of one time the last
    for (const auto& [id, value] : samples) {
      const auto at = std::get<0>(id);
      const bool inside = at >= start && at < start + step;
      (value.flagged ? left_out : count) += inside;
      if (!value.flagged) values[at] = value.value;
    }
    for (auto second = start; second < start + step; second += kSecond) {
      const auto next = values.upper_bound(second);
      if (next == values.begin()) continue;
      const auto& [at, value] = *std::prev(next);
      if (second >= at + hold) continue;
      if (known == 0 || value < min) std::tie(min, min_at) = std::pair(value, second);
      if (known == 0 || value > max) std::tie(max, max_at) = std::pair(value, second);
      ++known;
      sum += value;
    }
    return {fmt_numbers({count, known, sum * kSecond, min, min_at, max, max_at, left_out}), count == 0 && known == 0};
  }

  static Numbers counter_of(const std::map<Id, Value>& samples, std::int64_t start, std::int64_t step) {
    std::int64_t count = 0, amount = 0, estimated = 0, covered = 0, rollovers = 0, resets = 0, left_out = 0;
    std::int64_t interpolated = 0, interpolated_s = 0, reverse = 0;
    bool held = false;
    std::optional<std::pair<std::int64_t, std::int64_t>> last;
    for (const auto& [id, value] : samples) {
      const auto at = std::get<0>(id);
      const bool inside = at >= start && at < start + step;
      if (value.flagged) {
        left_out += inside;
        continue;
      }
      count += inside;
      held = held || (at < start && at + 7 * 24 * kHour > start);
      if (last && at - last->first <= 7 * 24 * kHour) {
        auto more = value.value - last->second;
        const bool rolls = more < 0 && !value.reverse && last->second >= 900 && value.value <= 100;
        rollovers += rolls && inside;
        if (rolls) more += kRegister;
        const bool known = more >= 0 || value.reverse;
        resets += !known && inside;
        const auto seconds = (at - last->first) / kSecond;
        if (more > 0 && seconds == 0 && inside) amount += more;
        const auto far = [&](std::int64_t edge) { return edge - last->first > 2 * kMinute && at - edge > 2 * kMinute; };
        const bool cut = seconds <= 86400 && (far(start) || far(start + step));
        for (std::int64_t k = 0; known && k < seconds; ++k) {  // what each second counted
          const auto second = last->first + k * kSecond;
          if (second < start || second >= start + step) continue;
          const auto part = more * (k + 1) / seconds - more * k / seconds;
          amount += part;
          reverse -= std::min<std::int64_t>(part, 0);
          (seconds > 86400 ? estimated : covered) += seconds > 86400 ? part : 1;
          if (cut) std::tie(interpolated, interpolated_s) = std::pair(interpolated + part, interpolated_s + 1);
        }
      }
      last = std::pair(at, value.value);
    }
    return {fmt_numbers({count, amount, reverse, estimated, covered, interpolated, interpolated_s, rollovers, resets,
                         left_out}),
            count == 0 && !held};
  }

 public:
  static std::string fmt_numbers(std::initializer_list<std::int64_t> numbers) {
    std::string text;
    for (const auto n : numbers) text += std::to_string(n) + " ";
    return text;
  }

 private:
  WindowSettings settings_;
  std::int64_t now_ = 0;
  std::map<Series, std::map<Id, Value>> samples_;
  std::map<Series, std::uint32_t> nominal_;
  std::map<std::string, Published> published_;
};

std::string text_of(const v1::Aggregate& a) {
  const auto head = "r" + std::to_string(a.revision()) + " ";
  const auto left_out = static_cast<std::int64_t>(a.left_out());
  if (a.kind() == v1::KIND_HELD) {
    const auto& g = a.gauge();
    if (a.covered_us() != static_cast<std::int64_t>(g.count())) return "covered otherwise than known";
    return head +
           Model::fmt_numbers({static_cast<std::int64_t>(g.samples()), static_cast<std::int64_t>(g.count()) / kSecond,
                               static_cast<std::int64_t>(g.sum().low()), g.min().value(), g.min().time_us(),
                               g.max().value(), g.max().time_us(), left_out});
  }
  if (a.has_gauge()) {
    const auto& g = a.gauge();
    return head +
           Model::fmt_numbers({static_cast<std::int64_t>(g.count()), static_cast<std::int64_t>(g.sum().low()),
                               static_cast<std::int64_t>(g.sum_squares().low()), g.min().value(), g.min().time_us(),
                               g.max().value(), g.max().time_us(), a.covered_us() / kSecond, left_out});
  }
  if (a.has_counter()) {
    const auto& c = a.counter();
    return head + Model::fmt_numbers({static_cast<std::int64_t>(c.count()), static_cast<std::int64_t>(c.amount().low()),
                                      static_cast<std::int64_t>(c.reverse().low()),
                                      static_cast<std::int64_t>(c.estimated().low()), a.covered_us() / kSecond,
                                      static_cast<std::int64_t>(c.interpolated().low()), c.interpolated_us() / kSecond,
                                      static_cast<std::int64_t>(c.rollovers()), static_cast<std::int64_t>(c.resets()),
                                      left_out});
  }
  const auto& d = a.duration();
  return head + Model::fmt_numbers({static_cast<std::int64_t>(d.count()), static_cast<std::int64_t>(d.transitions_on()),
                                    static_cast<std::int64_t>(d.transitions_off()), d.occupied_us() / kSecond,
                                    d.known_us() / kSecond, left_out});
}

/// A log of some devices: late, early, repeated, out of order, over the hour's edge, with quiet stretches and ticks.
std::vector<v1::Measurement> random_log(base::Random& random, const WindowSettings& settings, std::size_t records) {
  std::vector<v1::Measurement> log;
  auto now = kStart - static_cast<std::int64_t>(random.below(600)) * kSecond;
  const std::array<std::uint32_t, 3> nominal{60, 100, static_cast<std::uint32_t>(30 + random.below(600))};
  std::uint32_t f_cnt = 0;
  for (std::size_t i = 0; i < records; ++i) {
    now += static_cast<std::int64_t>(random.below(random.chance(0.05) ? 1200 : 40)) * kSecond;
    if (random.chance(0.2)) {
      auto& tick = log.emplace_back();
      tick.set_tick(true);
      tick.set_received_us(now);
      continue;
    }
    if (!log.empty() && random.chance(0.1)) {
      auto again = log[random.below(log.size())];
      if (random.chance(0.5) && !again.tick()) again.set_received_us(std::max(again.received_us(), now));
      log.push_back(again);
      continue;
    }
    const auto device = random.below(3);
    auto r = record(100 + device, now - static_cast<std::int64_t>(random.below(3)) * kSecond, ++f_cnt, nominal[device]);
    r.set_session(1 + random.below(2));
    const auto count = 1 + random.below(3);
    const auto grace = settings.grace ? settings.grace->count() : 5 * kMinute;
    for (std::uint64_t s = 0; s < count; ++s) {
      auto age = static_cast<std::int64_t>(random.below(20));
      if (random.chance(0.3))
        age = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(grace / kSecond * 2 + 300)));
      if (random.chance(0.05)) age = static_cast<std::int64_t>(random.below(9000));
      if (random.chance(0.05)) age = -static_cast<std::int64_t>(random.below(90));
      const auto at = now - age * kSecond;
      const auto flags = random.chance(0.05) ? 1u : 0u;
      switch (random.below(3)) {
        case 0:
          add_sample(r, v1::KIND_STATE, at, static_cast<std::int64_t>(random.below(3)), flags);
          break;
        case 1:  // runs round its register every eleven minutes, with some falls that are no rollover
          add_sample(r, v1::KIND_COUNTER, at,
                     (at / kSecond * 3 / 2 + static_cast<std::int64_t>(random.below(20))) % kRegister, flags);
          break;
        default:
          add_sample(r, v1::KIND_GAUGE, at, static_cast<std::int64_t>(random.below(2000)) - 1000, flags);
      }
    }
    log.push_back(r);
  }
  const bool long_silence =
      !settings.grace && settings.pane_s() >= 900 && random.chance(0.5);  // so that meters' windows close too
  for (const auto silence : {70 * kMinute, 70 * kMinute, long_silence ? 75 * kHour : kMinute}) {
    now += silence;
    auto& tick = log.emplace_back();
    tick.set_tick(true);
    tick.set_received_us(now);
  }
  return log;
}

WindowSettings random_settings(base::Random& random) {
  WindowSettings settings;
  const std::vector<std::vector<std::uint32_t>> windows{{60, 900, 3600}, {900, 3600}, {60}, {120, 240}};
  settings.windows_s = windows[random.below(windows.size())];
  if (auto other = random.fork(100); other.chance(0.3)) {  // by a dice of its own: old seeds stay what they were
    const std::vector<std::vector<Hopping>> hopping{{{3600, 900}}, {{3600, 1200}, {7200, 3600}}, {{43'200, 21'600}}};
    settings.hopping = hopping[other.below(hopping.size())];
    std::erase_if(settings.hopping, [&](const Hopping& size) { return size.hop_s % settings.pane_s() != 0; });
  }
  if (random.chance(0.4)) settings.days[index_of(Calendar::day_local)] = berlin();
  if (random.fork(102).chance(0.3)) use_calendars(settings);
  settings.watermark_delay = std::chrono::seconds{random.below(40)};
  if (random.chance(0.7)) settings.grace = std::chrono::seconds{random.below(60)};
  settings.spread = false;
  const std::array<std::int64_t, 3> horizons{0, 600, 4 * 3600};
  if (random.chance(0.8)) settings.horizon = std::chrono::seconds{horizons[random.below(3)]};
  return settings;
}

/// The same of what has days of its own.
void rename_to_trades(std::vector<v1::Measurement>& log) {
  for (auto& record : log) {
    for (auto& sample : *record.mutable_samples()) {
      if (sample.measure() == "temperature") sample.set_measure("pm10");
      if (sample.measure() == "water_volume") sample.set_measure("gas_volume");
    }
  }
}

/// Values that hold instead of others.
void hold_values(std::vector<v1::Measurement>& log) {
  for (auto& record : log) {
    for (auto& sample : *record.mutable_samples()) {
      if (sample.kind() != v1::KIND_GAUGE) continue;
      sample.set_measure(std::string(kHeld));
      sample.set_kind(v1::KIND_HELD);
    }
  }
}

/// Meters that say now and then that they ran backwards. Of one moment all say the same: what else a repeated reading
/// brings is a correction, also where it changes no number.
void run_backwards(const base::Random& dice, std::vector<v1::Measurement>& log) {
  for (auto& record : log) {
    for (auto& sample : *record.mutable_samples()) {
      if (sample.kind() != v1::KIND_COUNTER) continue;
      auto moment = dice.fork(static_cast<std::uint64_t>(sample.time_us())).fork(record.dev_eui());
      sample.set_reverse(moment.chance(0.3));
    }
  }
}

/// For panes in memory: none, a few, or all.
std::size_t some_bytes(const base::Random& random) {
  constexpr std::array<std::size_t, 3> kBytes{0, 3'000, 1 << 20};
  return kBytes[random.fork(101).below(kBytes.size())];
}

/// Where the windows and the model part, record by record; empty when they never do.
std::string difference(std::uint64_t seed) {
  base::Random random(seed);
  const auto settings = random_settings(random);
  auto log = random_log(random, settings, 20 + random.below(150));
  if (random.fork(103).chance(0.5)) rename_to_trades(log);
  if (random.fork(104).chance(0.5)) hold_values(log);
  if (random.fork(105).chance(0.5)) run_backwards(random.fork(106), log);
  Windows windows(settings, {.pane_bytes = some_bytes(random)});
  Model model(settings);
  for (const auto& record : log) {
    auto expected = model.step(record);
    std::map<std::string, std::string> found;
    for (const auto& output : windows.feed(record)) {
      if (output.topic != storage::Topic::aggregate) continue;
      v1::Aggregate aggregate;
      if (!aggregate.ParseFromString(output.value)) return "no aggregate";
      found[output.key] += text_of(aggregate);  // a record may close a window and correct it at once
    }
    for (const auto& [key, text] : found) expected[key] += text == expected[key] ? "" : " expected, found " + text;
    for (const auto& [key, text] : expected) {
      if (const auto at = found.find(key); at == found.end() || at->second != text) return key + ": " + text;
    }
    if (random.chance(0.2)) windows.commit();
    if (random.chance(0.05)) {
      windows.commit();
      windows.restart();
    }
  }
  return {};
}

TEST(WindowsModel, EqualsTheModelRecordByRecord) {
  EXPECT_TRUE(rc::check("finals and revisions equal the model's",
                        [](std::uint64_t seed) { RC_ASSERT(difference(seed) == ""); }));
}

TEST(WindowsModel, EqualsTheModelWhereItOnceDidNot) {
  // A meter's reading of the very time of the next one, but before it in order, corrects the windows before both.
  EXPECT_EQ(difference(380248558678440985U), "");
  // A reading near an edge: the window has what it had, but less of it is interpolated, which is a correction, too.
  EXPECT_EQ(difference(15817072531720U), "");
}

/// All that a log makes when it is cut into commits at random, with a crash at some of them.
std::vector<Output> run(const WindowSettings& settings, const std::vector<v1::Measurement>& log, base::Random random,
                        double commit_chance, double crash_chance) {
  Windows windows(settings, {.pane_bytes = some_bytes(random)});
  std::size_t committed = 0;
  std::size_t at = 0;
  std::size_t crashes = 0;
  while (at < log.size()) {
    windows.feed(log[at++]);
    if (crashes < 50 && random.chance(crash_chance)) {
      ++crashes;
      windows.crash();
      at = committed;
    } else if (random.chance(commit_chance)) {
      windows.commit();
      committed = at;
    }
  }
  windows.commit();
  return windows.committed;
}

/// The same when windows are closed in the smallest parts, with commits and crashes between them.
std::vector<Output> run_in_parts(const WindowSettings& settings, const std::vector<v1::Measurement>& log,
                                 base::Random random, double crash_chance) {
  Windows windows(settings, {.portion_bytes = 1, .pane_bytes = some_bytes(random)});
  std::size_t committed = 0;
  std::size_t crashes = 0;
  for (std::size_t at = 0; at < log.size();) {
    if (windows.feed_part(log[at].SerializeAsString()) == Progress::done) ++at;
    if (crashes < 200 && random.chance(crash_chance)) {
      ++crashes;
      windows.crash();
      at = committed;
    } else if (random.chance(0.7)) {
      windows.commit();
      committed = at;
    }
  }
  windows.commit();
  return windows.committed;
}

TEST(WindowsModel, BatchesAndCrashesChangeNothing) {
  EXPECT_TRUE(rc::check("the same bytes however the log is cut", [](std::uint64_t seed) {
    base::Random random(seed);
    auto settings = random_settings(random);
    settings.spread = random.chance(0.5);
    const auto log = random_log(random, settings, 20 + random.below(100));
    const auto whole = run(settings, log, random.fork(1), 0.0, 0.0);
    RC_ASSERT(run(settings, log, random.fork(2), 1.0, 0.0) == whole);
    RC_ASSERT(run(settings, log, random.fork(3), 0.3, 0.0) == whole);
    RC_ASSERT(run(settings, log, random.fork(4), 0.3, 0.1) == whole);
    RC_ASSERT(run_in_parts(settings, log, random.fork(5), 0.0) == whole);
    RC_ASSERT(run_in_parts(settings, log, random.fork(6), 0.2) == whole);
  }));
}

TEST(WindowsModel, ACrashAtEveryCommitChangesNothing) {
  base::Random random(11);
  WindowSettings settings;
  settings.windows_s = {60, 900};
  settings.grace = std::chrono::seconds{10};
  settings.horizon = std::chrono::seconds{600};
  const auto log = random_log(random, settings, 80);
  const auto whole = run(settings, log, random, 0.0, 0.0);
  EXPECT_GT(whole.size(), 50u);
  for (std::size_t crash = 0; crash <= log.size(); ++crash) {
    Windows windows(settings);
    for (std::size_t at = 0; at < log.size(); ++at) {
      if (at == crash) windows.restart();
      windows.feed(log[at]);
      windows.commit();
    }
    ASSERT_EQ(windows.committed, whole) << crash;
  }
}

TEST(WindowsModel, OrderInsideTheGraceChangesNoFinal) {
  EXPECT_TRUE(rc::check("any permutation of what arrives in time gives the same finals", [](std::uint64_t seed) {
    base::Random random(seed);
    WindowSettings settings;
    settings.windows_s = {60, 900, 3600};
    settings.spread = false;
    std::vector<v1::Measurement> log;
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto at = kStart + static_cast<std::int64_t>(random.below(110)) * kSecond;
      auto r = record(1 + random.below(3), kStart + 2 * kMinute, i, 20);
      const std::array kinds{v1::KIND_STATE, v1::KIND_COUNTER, v1::KIND_GAUGE};
      const auto kind = kinds[random.below(3)];
      // Of two different readings of a moment the first counts: here there are none.
      add_sample(r, kind, at, kind == v1::KIND_COUNTER ? at / kSecond % 3 : static_cast<std::int64_t>(random.below(3)));
      log.push_back(r);
    }
    const auto finals = [&] {
      Windows windows(settings);
      for (const auto& r : log) windows.feed(r);
      windows.tick(kStart + 3 * kHour);
      windows.tick(kStart + 52 * kHour);
      windows.commit();
      return windows.committed;
    };
    const auto before = finals();
    for (std::size_t i = log.size(); i > 1; --i) std::swap(log[i - 1], log[random.below(i)]);
    RC_ASSERT(finals() == before);
    RC_ASSERT(before.size() > 3);
  }));
}

}  // namespace
}  // namespace lenne::processing::test
