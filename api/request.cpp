#include "api/request.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/json_writer.hpp"

namespace lenne::api {
namespace {

constexpr std::size_t kMaxParameters = 32;

base::Result<std::string> bad(std::string message) { return base::fail("bad_parameter", std::move(message)); }

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

base::Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return bad("a percent escape in the address is malformed");
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

base::Result<QueryParameters> QueryParameters::parse(std::string_view text) {
  QueryParameters parameters;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (parameters.values_.size() >= kMaxParameters) return base::fail("bad_parameter", "more than 32 parameters");
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name) return std::unexpected(name.error());
    if (!value) return std::unexpected(value.error());
    parameters.values_.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::optional<std::string_view> QueryParameters::find(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

base::Result<void> QueryParameters::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, value] : values_) {
    if (key == "token" || key == "min_position") continue;
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      return base::fail("bad_parameter", "there is no parameter " + key + " here");
    }
  }
  return {};
}

base::Result<std::size_t> QueryParameters::size(std::string_view name, std::size_t absent, std::size_t most) const {
  const auto value = find(name);
  if (!value) return std::min(absent, most);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc{} || end != value->data() + value->size() || number == 0) {
    return base::fail("bad_parameter", std::string(name) + " is not a positive number");
  }
  return std::min(number, most);
}

base::Result<bool> QueryParameters::boolean(std::string_view name, bool absent) const {
  const auto value = find(name);
  if (!value) return absent;
  if (*value == "true" || *value == "1" || value->empty()) return true;
  if (*value == "false" || *value == "0") return false;
  return base::fail("bad_parameter", std::string(name) + " is neither true nor false");
}

base::Result<std::optional<base::Timestamp>> QueryParameters::time(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::optional<base::Timestamp>{};
  const auto parsed = base::parse_rfc3339(*value);
  if (!parsed) return base::fail("bad_parameter", std::string(name) + ": " + parsed.error());
  return std::optional{*parsed};
}

base::Result<std::optional<base::DevEui>> QueryParameters::dev_eui(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::optional<base::DevEui>{};
  const auto parsed = base::parse_id<base::DevEui>(*value);
  if (!parsed) return base::fail("bad_parameter", std::string(name) + ": " + parsed.error());
  return std::optional{*parsed};
}

unsigned status_of(std::string_view code) noexcept {
  struct Known {
    std::string_view code;
    unsigned status;
  };
  static constexpr std::array kKnown{
      Known{"unauthorized", 401},     Known{"forbidden", 403},
      Known{"not_found", 404},        Known{"method_not_allowed", 405},
      Known{"unknown_device", 404},   Known{"queue_full", 429},
      Known{"not_firing", 409},       Known{"too_large", 413},
      Known{"too_many", 429},         Known{"not_yet", 503},
      Known{"log_read", 503},         Known{"log_write", 503},
      Known{"log_closed", 503},       Known{"log_unavailable", 503},
      Known{"disk_full", 503},        Known{"internal", 500},
      Known{"upgrade_required", 426}, Known{"header_too_large", 431},
  };
  for (const auto& known : kKnown) {
    if (known.code == code) return known.status;
  }
  return 400;
}

Response error_response(const base::Error& error) {
  JsonWriter json;
  json.begin_object().key("error").text(error.code).key("message").text(error.message).end_object();
  Response response;
  response.status = status_of(error.code);
  response.body = json.take();
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace lenne::api
