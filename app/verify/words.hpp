#pragma once
// Where things stand, in the words of `lenne verify`, and how they are read.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "storage/log.hpp"
#include "storage/stores.hpp"

namespace lenne::app {

/// False when the bytes are no such message.
template <typename Message>
[[nodiscard]] bool parse(Message& message, std::string_view value) {
  return message.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

[[nodiscard]] inline std::string where_of(const storage::Record& record) {
  return fmt::format("{} partition {} offset {}", storage::info_of(record.topic).name, record.partition, record.offset);
}

[[nodiscard]] inline std::string where_of(storage::Store store, std::uint32_t partition, std::string_view key) {
  return fmt::format("store {} partition {} key {}", storage::name_of(store), partition,
                     base::to_hex(base::as_bytes(key)));
}

}  // namespace lenne::app
