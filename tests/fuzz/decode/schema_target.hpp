#pragma once
// Any text as an operator's own device schema: refused with lines that say why, or a plan that decodes any payload.

#include <array>

#include <google/protobuf/stubs/logging.h>

#include "decode/decoder.hpp"
#include "decode/message_json.hpp"
#include "decode/schema_catalog.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void schema(base::ByteView bytes) {
  static const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  using namespace decode;
  const auto catalog = SchemaCatalog::from_files({{"test/model.proto", std::string(base::as_text(bytes))}});
  if (!catalog) {
    require(catalog.error().code == "schema_refused" && !catalog.error().message.empty(), "refused with a reason");
    return;
  }
  const auto* plan = (*catalog)->find("test/model");
  require(plan != nullptr, "what is not refused is there");
  static Decoder decoder;
  constexpr std::array<std::uint8_t, 12> kPayload{1, 2, 0xff, 0x80, 0, 7, 0x41, 0x42, 0xfe, 1, 0, 3};
  for (const std::uint8_t port : {std::uint8_t{1}, std::uint8_t{2}}) {
    for (std::size_t size = 0; size <= kPayload.size(); size += 4) {
      const auto result = decoder.decode(*plan, port, base::ByteView(kPayload).first(size));
      if (result.outcome == Outcome::kFailed) continue;
      require(message_json(**catalog, "test/model", result.message).has_value(), "what was decoded can be shown");
    }
    static_cast<void>(encode_downlink(**catalog, "test/model", port, "{}"));
  }
}

}  // namespace lenne::fuzz
