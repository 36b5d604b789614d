#include "decode/device_decoder.hpp"

#include <fmt/format.h>

#include "base/time.hpp"
#include "decode/quantities.hpp"
#include "decode/samples.hpp"

namespace lenne::decode {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
// Seconds that fit microseconds in 64 bits with room for comparison; a payload's clock has at most 40 bits.
constexpr std::int64_t kMaxSeconds = std::int64_t{1} << 42;

// At most `oldest` before the frame was received, and at most 60 s after it was heard, both ends included. A gateway
// that was cut off tells hours later, but nothing is measured after it was sent.
bool credible(std::int64_t time_us, const v1::DeviceEvent& event, std::int64_t heard_us, std::chrono::seconds oldest) {
  return time_us >= event.received_us() - oldest.count() * kSecond &&
         time_us <= heard_us + kNewestCredible.count() * kSecond;
}

std::int64_t to_us(std::int64_t seconds) { return std::clamp(seconds, -kMaxSeconds, kMaxSeconds) * kSecond; }

}  // namespace

DeviceDecoder::DeviceDecoder(std::shared_ptr<const SchemaCatalog> catalog, base::Counters& counters)
    : catalog_(std::move(catalog)),
      complete_(counters.cell("decode.complete")),
      partial_(counters.cell("decode.partial")),
      failed_(counters.cell("decode.failed")),
      no_schema_(counters.cell("decode.no_schema")),
      unknown_schema_(counters.cell("decode.unknown_schema")),
      out_of_range_(counters.cell("decode.out_of_range")),
      clock_suspect_(counters.cell("decode.clock_suspect")) {}

void DeviceDecoder::decode(const v1::Device& device, v1::DeviceEvent& event, v1::Measurement& measurement) {
  v1::Uplink& uplink = *event.mutable_uplink();
  if (!uplink.has_f_port() || uplink.f_port() == 0) return;
  if (device.schema().empty()) {
    no_schema_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const Plan* plan = catalog_->find(device.schema());
  if (plan == nullptr) {
    unknown_schema_.fetch_add(1, std::memory_order_relaxed);
    uplink.set_decode_error(fmt::format("schema \"{}\" is not loaded", device.schema()));
    return;
  }
  const Decoded decoded = decoder_.decode(*plan, uplink.f_port(), base::as_bytes(uplink.payload()));
  uplink.set_schema(plan->full_name());
  measurement.set_schema(uplink.schema());
  if (decoded.outcome != Outcome::kComplete) {
    uplink.set_decode_error(explain(*plan, decoded, uplink.payload().size()));
  }
  auto& counter = decoded.outcome == Outcome::kComplete  ? complete_
                  : decoded.outcome == Outcome::kPartial ? partial_
                                                         : failed_;
  counter.fetch_add(1, std::memory_order_relaxed);
  if (decoded.outcome != Outcome::kFailed) fill(*plan, decoded, event, measurement);
}

void DeviceDecoder::fill(const Plan& plan, const Decoded& decoded, v1::DeviceEvent& event,
                         v1::Measurement& measurement) {
  v1::Uplink& uplink = *event.mutable_uplink();
  const std::string_view message = base::as_text(decoded.message);
  uplink.set_message(message.data(), message.size());
  measurement.set_message(message.data(), message.size());
  // What a sample without a credible time of its own gets: when the frame was heard.
  const std::int64_t heard_us = event.time_us();
  const v1::TimeSource heard_by = uplink.time_source();
  if (decoded.time_s) {
    const std::int64_t time_us = to_us(*decoded.time_s);
    if (credible(time_us, event, heard_us, plan.oldest_frame)) {
      event.set_time_us(time_us);
      uplink.set_time_source(v1::TIME_SOURCE_PAYLOAD);
    }
  }
  measurement.mutable_samples()->Reserve(static_cast<int>(decoded.samples.size()));
  std::uint32_t index = 0;
  for (const RawSample& raw : decoded.samples) {
    const SampleSpec& spec = plan.samples[raw.spec];
    const Steps steps = to_steps(spec, raw);
    v1::Sample& sample = *measurement.add_samples();
    sample.set_measure(spec.measure);
    sample.set_unit(spec.unit);
    sample.set_kind(spec.kind);
    sample.set_value(steps.value);
    sample.set_exponent(spec.exponent);
    sample.set_index(index++);
    sample.set_rollover_at(spec.rollover_at);
    sample.set_reverse(raw.reverse);
    std::uint32_t flags = v1::SAMPLE_FLAG_NONE;
    if (!steps.credible) {
      flags |= v1::SAMPLE_FLAG_OUT_OF_RANGE;
      out_of_range_.fetch_add(1, std::memory_order_relaxed);
    }
    const std::int64_t own_us = raw.has_time ? to_us(raw.time_s) : 0;
    if (raw.has_time && credible(own_us, event, heard_us, spec.oldest)) {
      sample.set_time_us(own_us);
      sample.set_time_source(v1::TIME_SOURCE_PAYLOAD);
    } else {
      sample.set_time_us(heard_us);
      sample.set_time_source(heard_by);
      if (raw.has_time) {
        flags |= v1::SAMPLE_FLAG_CLOCK_SUSPECT;
        sample.set_original_time_us(own_us);
        clock_suspect_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    sample.set_flags(flags);
  }
}

}  // namespace lenne::decode
