#include "processing/aggregates/held.hpp"

#include <algorithm>

#include "processing/aggregates/sequence.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

/// Adds up what one value after the other says about a window.
class Holding {
 public:
  Holding(std::int64_t start_us, std::int64_t until_us) : start_us_(start_us), until_us_(until_us) {}

  /// From this entry on, until the next one or the end of its hold time.
  void take(const Carry& next) {
    end(next.entry.time_us);
    last_ = next;
  }
  /// What the last entry says ends here.
  void end(std::int64_t at_us) {
    if (!last_) return;
    const auto from = std::max(start_us_, last_->entry.time_us);
    const auto known = std::min({at_us, until_us_, last_->entry.time_us + last_->hold_us}) - from;
    if (known <= 0) return;
    const Point held{last_->entry.value, from};
    if (state_.known_us == 0 || held.value < state_.lowest.value) state_.lowest = held;
    if (state_.known_us == 0 || held.value > state_.highest.value) state_.highest = held;
    state_.known_us += known;
    state_.integral += static_cast<base::Int128>(held.value) * known;
  }
  void count() { ++state_.samples; }
  [[nodiscard]] const HeldState& state() const noexcept { return state_; }

 private:
  std::int64_t start_us_;
  std::int64_t until_us_;
  std::optional<Carry> last_;
  HeldState state_;
};

class HeldEngine final : public SequenceEngine {
 public:
  [[nodiscard]] v1::Kind kind() const noexcept override { return v1::KIND_HELD; }
  [[nodiscard]] std::string_view name() const noexcept override { return "held"; }

  [[nodiscard]] Folded fold(const FoldInput& input) const override {
    Holding holding(input.window.start_us, std::min(input.until_us, input.window.end_us()));
    if (input.carry) holding.take(*input.carry);
    for (const auto& share : input.shares) {
      for (const auto& entry : share.series->sequence) {
        holding.take({entry, hold_of(kind(), share.frame.nominal_interval_s)});
        holding.count();
      }
    }
    holding.end(input.window.end_us());
    const auto& state = holding.state();
    return {state.samples == 0 && state.known_us == 0, state.known_us, state};
  }
};

}  // namespace

const Engine& held_engine() noexcept {
  static const HeldEngine engine;
  return engine;
}

}  // namespace lenne::processing::aggregates
