#pragma once
// The network step's decoder: looks up the device's schema, reads the payload, fills event and measurement.

#include <memory>

#include "base/counters.hpp"
#include "decode/decoder.hpp"
#include "decode/schema_catalog.hpp"
#include "processing/uplink_decoder.hpp"

namespace lenne::decode {

/// One per thread; the catalogue is shared, the counters outlive it.
/// Counters: decode.complete, .partial, .failed, .no_schema, .unknown_schema, .out_of_range, .clock_suspect.
class DeviceDecoder final : public processing::UplinkDecoder {
 public:
  DeviceDecoder(std::shared_ptr<const SchemaCatalog> catalog, base::Counters& counters);

  /// A device without a schema keeps its raw payload and nothing else. See UplinkDecoder for what is filled.
  void decode(const v1::Device& device, v1::DeviceEvent& event, v1::Measurement& measurement) override;

 private:
  void fill(const Plan& plan, const Decoded& decoded, v1::DeviceEvent& event, v1::Measurement& measurement);

  std::shared_ptr<const SchemaCatalog> catalog_;
  Decoder decoder_;
  base::Counters::Cell& complete_;
  base::Counters::Cell& partial_;
  base::Counters::Cell& failed_;
  base::Counters::Cell& no_schema_;
  base::Counters::Cell& unknown_schema_;
  base::Counters::Cell& out_of_range_;
  base::Counters::Cell& clock_suspect_;
};

}  // namespace lenne::decode
