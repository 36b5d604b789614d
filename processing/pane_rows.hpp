#pragma once
// Panes as rows of store pane (lenne.v1.DevicePane). A row that this version could not have written is none: what folds
// it relies on its bounds.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "processing/pane.hpp"

namespace lenne::processing {

/// Definitions that are in use, each once. One thread.
class Definitions {
 public:
  /// It is shared with whoever asked for the same before, as long as there are not too many.
  [[nodiscard]] DefinitionPtr of(std::string_view measure, std::string_view unit, v1::Kind kind, std::int32_t exponent,
                                 std::uint64_t rollover_at);

 private:
  struct Key {
    std::string_view measure;
    std::string_view unit;
    v1::Kind kind;
    std::int32_t exponent;
    std::uint64_t rollover_at;
    friend bool operator==(const Key&, const Key&) = default;
  };
  static Key key_of(const Key& key) noexcept { return key; }
  static Key key_of(const DefinitionPtr& definition) noexcept {
    return {definition->measure, definition->unit, definition->kind, definition->exponent, definition->rollover_at};
  }
  struct Hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(const auto& of) const noexcept { return hash(key_of(of)); }
    [[nodiscard]] static std::size_t hash(const Key& key) noexcept;
  };
  struct Equal {
    using is_transparent = void;
    [[nodiscard]] bool operator()(const auto& a, const auto& b) const noexcept { return key_of(a) == key_of(b); }
  };
  std::unordered_set<DefinitionPtr, Hash, Equal> all_;
};

/// The row of a pane, stored under that pane's key.
[[nodiscard]] std::optional<Pane> parse_pane(std::string_view value, const Window& window, std::uint64_t dev_eui,
                                             Definitions& definitions);
/// Its row, into `value`, which keeps its memory.
void write_pane(const Pane& pane, std::string& value);

}  // namespace lenne::processing
