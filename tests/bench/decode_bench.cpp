// What decoding costs: the plan alone (wire bytes and measured values), and with the network step's records.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include "base/bytes.hpp"
#include "decode/device_decoder.hpp"
#include "decode/message_json.hpp"

namespace {

using namespace lenne;

struct Frame {
  const char* schema;
  std::uint32_t f_port;
  const char* payload;
};

constexpr Frame kFrames[] = {
    {"elsys/ers", 5, "0100e202290400270506"},
    {"milesight/em300_th", 85, "03673401046865"},
    {"bosch/tps110", 1, "01"},
    {"axioma/w1", 100,
     "bfc7e7600028950100c0e8e660f79301001e0004000f000b00200005001d0054002d000f000a000a00000003000300"},
};

const std::shared_ptr<const decode::SchemaCatalog>& catalog() {
  static const auto loaded = [] {
    auto result = decode::SchemaCatalog::load();
    if (!result) throw std::runtime_error(result.error().message);
    return *result;
  }();
  return loaded;
}

void plan(benchmark::State& state) {
  const Frame& frame = kFrames[state.range(0)];
  const auto payload = base::from_hex(frame.payload).value();
  const decode::Plan& plan = *catalog()->find(frame.schema);
  decode::Decoder decoder;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(plan, frame.f_port, payload));
  state.SetLabel(frame.schema);
}
BENCHMARK(plan)->DenseRange(0, 3);

void records(benchmark::State& state) {
  const Frame& frame = kFrames[state.range(0)];
  const auto payload = base::from_hex(frame.payload).value();
  base::Counters counters;
  decode::DeviceDecoder decoder{catalog(), counters};
  v1::Device device;
  device.set_schema(frame.schema);
  v1::DeviceEvent event;
  event.set_received_us(1'625'802'690'000'000);
  event.mutable_uplink()->set_f_port(frame.f_port);
  event.mutable_uplink()->set_payload(payload.data(), payload.size());
  v1::Measurement measurement;
  for (auto _ : state) {
    measurement.Clear();
    decoder.decode(device, event, measurement);
  }
  state.SetLabel(frame.schema);
}
BENCHMARK(records)->DenseRange(0, 3);

void encode_json(benchmark::State& state) {
  const Frame& frame = kFrames[state.range(0)];
  const auto payload = base::from_hex(frame.payload).value();
  decode::Decoder decoder;
  const auto decoded = decoder.decode(*catalog()->find(frame.schema), frame.f_port, payload);
  const auto json = decode::message_json(*catalog(), frame.schema, decoded.message).value();
  for (auto _ : state) benchmark::DoNotOptimize(decode::encode(*catalog(), frame.schema, frame.f_port, json));
  state.SetLabel(frame.schema);
}
BENCHMARK(encode_json)->DenseRange(0, 3);

}  // namespace

BENCHMARK_MAIN();
