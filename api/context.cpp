#include "api/context.hpp"

#include <array>
#include <charconv>

#include "base/bytes.hpp"

namespace lenne::api {
namespace {

std::uint64_t random_id() {
  std::array<std::uint8_t, 8> bytes{};
  base::crypto::random_bytes(bytes);
  return base::read_be<std::uint64_t>(bytes) | 1U;  // never 0
}

}  // namespace

Context::Context(HttpSettings given, Dependencies dependencies)
    : settings(std::move(given)),
      deps(std::move(dependencies)),
      queries(deps.log.state()),
      auth(settings, deps.log, deps.clock),
      started(deps.clock.now()),
      next_request_id(random_id()),
      history(settings.limits.history_readings) {}

std::optional<std::string> Context::log_end() {
  // A log that does not say keeps this thread for seconds: not again at once.
  const auto ask_again = known_end ? std::chrono::seconds{1} : std::chrono::seconds{10};
  if (asked_end && deps.clock.monotonic() - *asked_end < ask_again) return known_end;
  known_end.reset();
  const auto at_end = [this]() -> base::Result<void> {
    if (end_source) return end_source->to_end();
    auto opened = EventSource::open(deps.log, {storage::Topic::event}, {}, "now");
    if (!opened) return std::unexpected(opened.error());
    end_source.emplace(std::move(*opened));
    return {};
  }();
  if (at_end) known_end = end_source->position();
  if (!at_end) refuse("log_end");
  asked_end = deps.clock.monotonic();
  return known_end;
}

base::Result<std::map<std::uint32_t, storage::Offset>> parse_positions(std::string_view text) {
  std::map<std::uint32_t, storage::Offset> positions;
  const auto bad = [] {
    return base::fail("bad_parameter", "min_position is PARTITION:OFFSET, several separated by commas");
  };
  while (true) {
    std::uint32_t partition = 0;
    storage::Offset offset = 0;
    const auto* end = text.data() + text.size();
    auto [at, error] = std::from_chars(text.data(), end, partition);
    if (error != std::errc{} || at == end || *at != ':') return bad();
    auto [after, offset_error] = std::from_chars(at + 1, end, offset);
    if (offset_error != std::errc{} || positions.size() >= 256) return bad();
    auto& entry = positions[partition];
    entry = std::max(entry, offset);
    if (after == end) return positions;
    if (*after != ',') return bad();
    text.remove_prefix(static_cast<std::size_t>(after + 1 - text.data()));
  }
}

std::string positions_text(const std::map<std::uint32_t, storage::Offset>& positions) {
  std::string text;
  for (const auto& [partition, offset] : positions) {
    if (!text.empty()) text.push_back(',');
    text += std::to_string(partition) + ":" + std::to_string(offset);
  }
  return text;
}

base::Result<bool> views_contain(const Context& context, const std::map<std::uint32_t, storage::Offset>& positions) {
  const auto applied = context.queries.applied();
  if (!applied) return std::unexpected(applied.error());
  for (const auto& [partition, offset] : positions) {
    const auto found = applied->find(partition);
    const auto known = context.known_applied.find(partition);
    const bool contained = (found != applied->end() && found->second >= offset) ||
                           (known != context.known_applied.end() && known->second >= offset);
    if (!contained) return false;
  }
  return true;
}

}  // namespace lenne::api
