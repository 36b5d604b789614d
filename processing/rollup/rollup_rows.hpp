#pragma once
// Keys of store rollup and of topic rollup. They are part of the stored format; numbers are big-endian.

#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/overlay.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing::rollup {

/// Topic int.rollup-in and the store have one partition.
inline constexpr std::uint32_t kPartition = 0;

/// The windows of one measure that begin and end together: what is computed at once.
struct Group {
  std::int64_t start_us = 0;
  std::string window;  ///< its name
  std::string measure;
  friend auto operator<=>(const Group&, const Group&) = default;
};
[[nodiscard]] Group group_of(const v1::Aggregate& member);

/// 'g', start (8), window, measure, number from 0 on (4): RollupMembers. A text in a key has its length before it (1).
[[nodiscard]] std::string members_prefix(const Group& group);
[[nodiscard]] std::string members_key(const Group& group, std::uint32_t number);
/// 'o', start, window, measure, level (1), tenant, 0, site, area or district: the result that was told last
/// (v1::Rollup).
[[nodiscard]] std::string results_prefix(const Group& group);
[[nodiscard]] std::string result_key(const Group& group, const v1::Rollup& result);
/// 'e', start, window, measure, privacy class (1), level …: what was told to everybody last (v1::OpenRollup).
[[nodiscard]] std::string open_prefix(const Group& group);
[[nodiscard]] std::string open_key(const Group& group, const v1::OpenRollup& open);
/// 'c', key on topic control: what an operator has declared (v1::Object).
[[nodiscard]] std::string declared_key(std::string_view control_key);
/// 'd', due (8), start, window, measure: that group is to be computed when the least watermark reaches due. No value.
[[nodiscard]] std::string due_key(std::int64_t due_us, const Group& group);
struct DueKey {
  std::int64_t due_us;
  Group group;
};
[[nodiscard]] std::optional<DueKey> parse_due_key(std::string_view key);
/// 's', measure, DevEUI (8): RollupSeen.
[[nodiscard]] std::string seen_key(std::string_view measure, std::uint64_t dev_eui);
struct SeenKey {
  std::string_view measure;
  std::uint64_t dev_eui;
};
[[nodiscard]] std::optional<SeenKey> parse_seen_key(std::string_view key);
/// 't', partition (4): its watermark, 8 bytes.
[[nodiscard]] std::string watermark_key(std::uint32_t partition);

inline constexpr std::string_view kMembers = "g";
inline constexpr std::string_view kResults = "o";
inline constexpr std::string_view kOpen = "e";
inline constexpr std::string_view kDeclared = "c";
inline constexpr std::string_view kDues = "d";
inline constexpr std::string_view kSeen = "s";
inline constexpr std::string_view kWatermarks = "t";
/// 'p', '0' or '1': up to which start rows of meters ('1') and of all others are deleted, 8 bytes.
inline constexpr std::string_view kPurged = "p";

/// The measure of a key of members or a result, and when its window begins.
struct RowPlace {
  std::int64_t start_us;
  std::string_view measure;
};
[[nodiscard]] std::optional<RowPlace> parse_place(std::string_view key);
/// The first key of kind `kind` ('g', 'o', 'e') whose window begins at or after `start_us`.
[[nodiscard]] std::string rows_from(std::string_view kind, std::int64_t start_us);

/// The smallest key that is above all that begin with `prefix`, whose last byte is not 0xff.
[[nodiscard]] std::string after(std::string prefix);

[[nodiscard]] std::unexpected<base::Error> bad_row();
/// Visits all rows whose keys begin with `prefix`, in their order, until `visit` returns false: for a row that cannot
/// be read. Errors: log_read; bad_row.
[[nodiscard]] base::Result<void> each_row(
    const Overlay& rows, const std::string& prefix,
    const std::function<bool(std::string_view key, std::string_view value)>& visit);

/// Whether a row of store rollup could have been written by this version.
[[nodiscard]] bool is_row(std::string_view key, std::string_view value);

/// Topic rollup: "region/<measure>/<window>/<start, 16 hex>", "district/<district>/<measure>/…", "tenant/<tenant>/…",
/// "area/<tenant>/<area>/…", "site/<tenant>/<site>/…".
[[nodiscard]] std::string topic_key(const v1::Rollup& result);
/// Topic open-rollup: "open/" or "household/", then as above.
[[nodiscard]] std::string topic_key(const v1::OpenRollup& open);

}  // namespace lenne::processing::rollup
