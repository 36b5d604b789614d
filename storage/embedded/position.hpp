#pragma once
// Where a reader of an embedded log stands, and its text: what Reader::position returns and what a commit stores.
//
//   positions = position                                       the same for all partitions
//             | first "-" last ":" position *("_" …)           by partition
//   position  = next [".f" fence] [".a" floor] [".b" floor] [".c" floor] [".s" hex of the last snapshot row]

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log.hpp"

namespace lenne::storage::embedded {

/// One partition's place. Offsets count over the whole log, so one number serves all topics.
struct Position {
  Offset next = 0;                           ///< records below it are done
  Offset fence = 0;                          ///< compacted topics: changes below it are part of the snapshot
  std::array<Offset, kRetentions> floors{};  ///< by class: what was gone already when reading began at the beginning
  bool snapshot = false;                     ///< the compacted topics' last values are still being read
  std::string after = {};                    ///< … and this row was the last one

  friend bool operator==(const Position&, const Position&) = default;

  /// All below `offset` is done.
  void advance(Offset offset) {
    if (offset > next) next = offset;
    if (fence <= next && !snapshot) fence = 0;
    for (auto& floor : floors) {
      if (floor <= next) floor = 0;
    }
  }
};

/// The text of the positions of `partitions` (ascending; positions[p] is partition p's). Short when all are equal.
[[nodiscard]] std::string to_text(const std::vector<Position>& positions, const std::vector<std::uint32_t>& partitions);

/// Positions by partition, `count` of them; nothing for partitions that the text does not name. Nothing at all when it
/// is not such a text. Any input is safe.
[[nodiscard]] std::optional<std::vector<std::optional<Position>>> parse_positions(std::string_view text,
                                                                                  std::uint32_t count);

}  // namespace lenne::storage::embedded
