#include "base/time.hpp"

#include <array>

#include <fmt/format.h>

namespace lenne::base {
namespace {

using std::chrono::seconds;

constexpr Duration kGpsEpoch{315'964'800'000'000};

/// Instants (Unix seconds) from which GPS is one second further ahead of UTC; IERS Bulletin C, 1981-07-01 to
/// 2017-01-01.
constexpr std::array<std::int64_t, 18> kLeaps{362793600, 394329600,  425865600,  489024000,  567993600,  631152000,
                                              662688000, 709948800,  741484800,  773020800,  820454400,  867715200,
                                              915148800, 1136073600, 1230768000, 1341100800, 1435708800, 1483228800};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A cursor over the text; any mismatch makes it bad for good.
struct Reader {
  std::string_view rest;
  bool good = true;

  int number(std::size_t digits) {
    int value = 0;
    if (rest.size() < digits) good = false;
    for (std::size_t i = 0; good && i < digits; ++i) {
      if (!is_digit(rest[i])) good = false;
      value = value * 10 + (rest[i] - '0');
    }
    if (good) rest.remove_prefix(digits);
    return value;
  }
  bool literal(std::string_view any_of) {
    if (!good || rest.empty() || any_of.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) { good = literal(any_of); }
};

}  // namespace

std::string to_rfc3339(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const auto time = (t - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, time / 3'600'000'000, time / 60'000'000 % 60, time / 1'000'000 % 60,
                     time % 1'000'000);
}

std::expected<Timestamp, std::string> parse_rfc3339(std::string_view text) {
  const auto bad = [&] {
    return std::unexpected(fmt::format("'{}' is no RFC 3339 time with an offset", text.substr(0, 40)));
  };
  Reader in{text};
  const int year = in.number(4);
  in.expect("-");
  const int month = in.number(2);
  in.expect("-");
  const int day = in.number(2);
  in.expect("Tt ");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  std::int64_t micros = 0;
  if (in.literal(".")) {
    std::int64_t unit = 100'000;
    if (in.rest.empty() || !is_digit(in.rest.front())) return bad();
    for (; !in.rest.empty() && is_digit(in.rest.front()); in.rest.remove_prefix(1), unit /= 10) {
      micros += (in.rest.front() - '0') * unit;
    }
  }
  std::int64_t offset_minutes = 0;
  if (!in.literal("Zz")) {
    const bool west = !in.rest.empty() && in.rest.front() == '-';
    in.expect("+-");
    const int hours = in.number(2);
    in.expect(":");
    const int minutes = in.number(2);
    if (hours > 23 || minutes > 59) return bad();
    offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!in.good || !in.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return bad();
  return Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
         std::chrono::minutes{minute - offset_minutes} + seconds{second} + Duration{micros};
}

GpsTime to_gps(Timestamp t) noexcept {
  std::int64_t leaps = 0;
  for (const auto leap : kLeaps) leaps += t.time_since_epoch() >= seconds{leap} ? 1 : 0;
  return GpsTime{(t.time_since_epoch() - kGpsEpoch + seconds{leaps}).count()};
}

Timestamp from_gps(GpsTime t) noexcept {
  std::int64_t leaps = 0;
  for (const auto leap : kLeaps) {
    if (t + kGpsEpoch - seconds{leaps + 1} >= seconds{leap}) ++leaps;
  }
  return Timestamp{t + kGpsEpoch - seconds{leaps}};
}

}  // namespace lenne::base
