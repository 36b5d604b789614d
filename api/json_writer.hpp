#pragma once
// Writes JSON text (RFC 8259) front to back. Values are written as exactly as they are known: decimals, not doubles.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/int128.hpp"

namespace lenne::api {

/// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Commas are its business; nesting is the caller's: each begin needs its end, each key a value.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& null() { return raw("null"); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  template <std::integral Number>
  JsonWriter& number(Number value) {
    return raw(std::to_string(value));
  }
  /// The shortest text that reads back as the same double; null when it is not finite.
  JsonWriter& real(double value);
  /// steps * 10^exponent, exactly.
  JsonWriter& decimal(base::Int128 steps, int exponent);
  /// JSON text that somebody else made.
  JsonWriter& raw(std::string_view json);

  [[nodiscard]] const std::string& str() const noexcept { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string out_;
  bool comma_ = false;
};

/// part / whole; null without a whole.
template <std::integral Number>
void write_share(JsonWriter& json, std::string_view key, Number part, std::type_identity_t<Number> whole) {
  json.key(key);
  whole > 0 ? json.real(static_cast<double>(part) / static_cast<double>(whole)) : json.null();
}

}  // namespace lenne::api
