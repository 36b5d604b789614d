#include "app/simulate/repeating_backhaul.hpp"

#include <algorithm>

namespace lenne::app::simulate {
namespace {

/// Beyond it datagrams come once: a wait may be long.
constexpr std::size_t kMostLate = 65'536;

}  // namespace

RepeatingBackhaul::RepeatingBackhaul(Backhaul& inner, const base::Clock& clock, double share, std::uint64_t seed)
    : inner_(inner), clock_(clock), share_(share), random_(seed) {}

void RepeatingBackhaul::send(std::size_t gateway, base::ByteView datagram) {
  inner_.send(gateway, datagram);
  if (!random_.chance(share_) || late_.size() >= kMostLate) return;
  // Half of them within the window in which copies are collected, the others long after it.
  const auto most = random_.chance(0.5) ? std::chrono::milliseconds{150} : std::chrono::milliseconds{30'000};
  const auto later = std::chrono::milliseconds{random_.below(static_cast<std::uint64_t>(most.count()))};
  late_.push({clock_.now() + later, gateway, base::Bytes(datagram.begin(), datagram.end())});
}

base::Result<void> RepeatingBackhaul::wait(base::Timestamp until, const OnDatagram& on_datagram) {
  auto waited = inner_.wait(late_.empty() ? until : std::min(until, late_.top().at), on_datagram);
  for (; !late_.empty() && late_.top().at <= clock_.now(); late_.pop())
    inner_.send(late_.top().gateway, late_.top().datagram);
  return waited;
}

}  // namespace lenne::app::simulate
