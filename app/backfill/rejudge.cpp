#include "app/backfill/rejudge.hpp"

#include <utility>

#include "network/quality.hpp"
#include "processing/derived/derive.hpp"
#include "processing/window_settings.hpp"

namespace lenne::app {
namespace {

/// What the rules said; what the decoder says of a sample stays.
constexpr std::uint32_t kOfRules = v1::SAMPLE_FLAG_IMPLAUSIBLE | v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_FLAT;

}  // namespace

Rejudge::Rejudge(v1::UseCase rules)
    : rules_(std::move(rules)), fingerprint_(processing::derived::fingerprint_of(rules_)) {}

bool Rejudge::apply(v1::Measurement& measurement) {
  if (measurement.use_case_fingerprint() == 0) return false;
  auto before = std::move(*measurement.mutable_samples());
  measurement.clear_samples();
  google::protobuf::RepeatedPtrField<v1::Sample> own;
  for (auto& sample : before) {
    if (sample.derived()) continue;
    if (processing::series_class_of(sample.measure()) == processing::SeriesClass::network) {
      *own.Add() = std::move(sample);
    } else {
      sample.set_flags(sample.flags() & ~kOfRules);
      *measurement.add_samples() = std::move(sample);
    }
  }
  auto& memory = memory_[measurement.dev_eui()];
  network::judge_quality(&rules_, memory, measurement, 0, counters_);
  const auto sent = measurement.samples_size();
  static_cast<void>(processing::derived::derive(rules_, measurement));  // nobody asks for the counts
  network::judge_quality(&rules_, memory, measurement, sent, counters_);
  for (auto& sample : own) {
    sample.set_index(static_cast<std::uint32_t>(measurement.samples_size()));
    *measurement.add_samples() = std::move(sample);
  }
  measurement.set_use_case_version(rules_.version());
  measurement.set_use_case_fingerprint(fingerprint_);
  return true;
}

}  // namespace lenne::app
