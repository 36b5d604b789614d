#include "processing/alerts/peek.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "lenne/v1/measurement.pb.h"

namespace lenne::processing::alerts {

std::optional<Peek> peek(std::string_view measurement) {
  using google::protobuf::internal::WireFormatLite;
  using Measurement = v1::Measurement;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(measurement.data()),
                                            static_cast<int>(measurement.size()));
  Peek found;
  while (const auto tag = in.ReadTag()) {
    const auto field = WireFormatLite::GetTagFieldNumber(tag);
    const bool fixed64 = WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_FIXED64;
    std::uint64_t number = 0;
    if (fixed64 && (field == Measurement::kReceivedUsFieldNumber || field == Measurement::kDevEuiFieldNumber)) {
      if (!in.ReadLittleEndian64(&number)) return std::nullopt;
      if (field == Measurement::kDevEuiFieldNumber) {
        found.dev_eui = number;
      } else {
        found.received_us = static_cast<std::int64_t>(number);
      }
      continue;
    }
    found.names_use_case |= field == Measurement::kUseCaseFieldNumber;
    found.is_instruction |=
        field == Measurement::kDefinitionFieldNumber || field == Measurement::kRemovedDefinitionFieldNumber ||
        field == Measurement::kAcknowledgementFieldNumber || field == Measurement::kRemovedFieldNumber;
    if (!WireFormatLite::SkipField(&in, tag)) return std::nullopt;
  }
  if (!in.ConsumedEntireMessage()) return std::nullopt;
  return found;
}

}  // namespace lenne::processing::alerts
