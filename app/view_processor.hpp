#pragma once
// The views as a stream processor: storage may not know processing, so they are joined here.

#include "processing/processor.hpp"
#include "storage/views/views.hpp"

namespace lenne::app {

class ViewProcessor final : public processing::Processor {
 public:
  explicit ViewProcessor(storage::views::Views& views) : views_(views) {}

  [[nodiscard]] base::Result<void> assigned(std::uint32_t, const storage::StateReader& state) override {
    if (!open_) views_.open(state);
    open_ = true;
    return {};
  }
  void revoked(std::uint32_t) override {}
  processing::Progress step(const storage::Record& record, storage::Batch& out) override {
    views_.apply(record, out);
    return processing::Progress::done;
  }
  void flush(storage::Batch& out) override { views_.flush(out); }
  /// Views have no timers: they change when a record comes.
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t) const override { return std::nullopt; }
  [[nodiscard]] std::optional<base::Error> fault() const override {
    auto health = views_.health();
    if (health) return std::nullopt;
    return health.error();
  }

 private:
  storage::views::Views& views_;
  bool open_ = false;
};

}  // namespace lenne::app
