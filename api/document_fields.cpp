#include "api/document_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"

namespace lenne::api {
namespace {

constexpr std::size_t kMaxErrors = 100;

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; });
}

bool is_name(std::string_view text, bool more) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > 63 || !letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || c == '-' || (more && (c == '.' || c == '_')); });
}

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

const boost::json::value* DocumentFields::find(std::string_view field) {
  known_.push_back(field);
  const auto* value = object_.if_contains(field);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void DocumentFields::wrong(std::string_view field, std::string message) {
  if (errors_.size() >= kMaxErrors) return;
  errors_.push_back({document_.index, document_.kind, document_.name, path_ + std::string(field), std::move(message)});
}

std::string DocumentFields::text(std::string_view field, bool required, std::size_t most) {
  const auto* value = find(field);
  if (value == nullptr) {
    if (required) wrong(field, "is required");
    return {};
  }
  const auto* text = value->if_string();
  if (text == nullptr) {
    wrong(field, "must be text (in quotes)");
    return {};
  }
  if (text->size() > most || has_control_character(view(*text)) || (required && text->empty())) {
    wrong(field, "must be 1 to " + std::to_string(most) + " bytes without control characters");
    return {};
  }
  return std::string(view(*text));
}

std::string DocumentFields::name(std::string_view field, bool required, bool more) {
  auto value = text(field, required);
  if (value.empty() || is_name(value, more)) return value;
  wrong(field, more ? "must be lower-case letters, digits, '-', '.', '_', beginning with a letter or digit, at most 63"
                    : "must be lower-case letters, digits and '-', beginning with a letter or digit, at most 63");
  return {};
}

std::string DocumentFields::one_of(std::string_view field, std::initializer_list<std::string_view> allowed,
                                   std::string_view absent) {
  auto value = text(field, false);
  if (value.empty()) return std::string(absent);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  std::string list;
  for (const auto each : allowed) list.append(list.empty() ? "" : ", ").append(each);
  wrong(field, "must be one of " + list);
  return {};
}

std::uint64_t DocumentFields::hex(std::string_view field, int digits, bool required) {
  const auto value = text(field, required);
  if (value.empty()) return 0;
  const auto number = base::number_of_hex(value, digits);
  if (!number) wrong(field, number.error());
  return number.value_or(0);
}

std::optional<base::crypto::Key128> DocumentFields::key(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->if_string();
  base::crypto::Key128 key;
  // The message never repeats what was given: it may be a key with one wrong digit.
  if (text == nullptr || !base::from_hex_exactly(view(*text), key.bytes)) {
    wrong(field, "must be 32 hex digits");
    return std::nullopt;
  }
  return key;
}

std::uint32_t DocumentFields::number(std::string_view field, std::uint32_t absent, std::uint32_t most) {
  const auto* value = find(field);
  if (value == nullptr) return absent;
  std::optional<std::uint64_t> number;
  if (const auto* text = value->if_string()) number = parse_number<std::uint64_t>(view(*text));
  if (value->is_int64() && value->get_int64() >= 0) number = static_cast<std::uint64_t>(value->get_int64());
  if (value->is_uint64()) number = value->get_uint64();
  if (!number || *number > most) {
    wrong(field, "must be a whole number from 0 to " + std::to_string(most));
    return absent;
  }
  return static_cast<std::uint32_t>(*number);
}

bool DocumentFields::boolean(std::string_view field, bool absent) {
  const auto* value = find(field);
  if (value == nullptr) return absent;
  if (const auto* flag = value->if_bool()) return *flag;
  if (const auto* text = value->if_string(); text != nullptr && (*text == "true" || *text == "false"))
    return *text == "true";
  wrong(field, "must be true or false");
  return absent;
}

std::optional<double> DocumentFields::real(const boost::json::object& object, std::string_view field, double least,
                                           double most) {
  const auto* value = object.if_contains(field);
  if (value == nullptr || value->is_null()) return std::nullopt;
  std::optional<double> number;
  if (const auto* text = value->if_string()) number = parse_number<double>(view(*text));
  if (value->is_number()) number = value->to_number<double>();
  if (number && *number >= least && *number <= most) return number;
  wrong(field, "must be a number from " + std::to_string(static_cast<int>(least)) + " to " +
                   std::to_string(static_cast<int>(most)));
  return std::nullopt;
}

std::optional<v1::Location> DocumentFields::location(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return std::nullopt;
  const auto* object = value->if_object();
  if (object == nullptr) {
    wrong(field, "must have latitude and longitude");
    return std::nullopt;
  }
  const auto latitude = real(*object, "latitude", -90, 90);
  const auto longitude = real(*object, "longitude", -180, 180);
  const auto altitude = real(*object, "altitude_m", -500, 9000);
  v1::Location location;
  if (const auto* approximate = object->if_contains("approximate")) {
    const auto* text = approximate->if_string();
    if (!approximate->is_bool() && !(text != nullptr && (*text == "true" || *text == "false"))) {
      wrong(field, "approximate must be true or false");
    }
    location.set_approximate(approximate->is_bool() ? approximate->get_bool() : text != nullptr && *text == "true");
  }
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name != "latitude" && name != "longitude" && name != "altitude_m" && name != "approximate") {
      wrong(std::string(field) + "." + std::string(name), "there is no such field");
    }
  }
  if (!latitude || !longitude) {
    wrong(field, "must have latitude and longitude");
    return std::nullopt;
  }
  location.set_latitude(*latitude);
  location.set_longitude(*longitude);
  if (altitude) location.set_altitude_m(*altitude);
  return location;
}

std::vector<std::string> DocumentFields::names(std::string_view field) {
  const auto* value = find(field);
  if (value == nullptr) return {};
  std::vector<std::string> names;
  const auto* array = value->if_array();
  if (array == nullptr || array->size() > 64) {
    wrong(field, "must be a list of at most 64 names");
    return {};
  }
  for (const auto& each : *array) {
    const auto* text = each.if_string();
    if (text == nullptr || !is_name(view(*text), true)) {
      wrong(field, "must be a list of names");
      return {};
    }
    names.emplace_back(view(*text));
  }
  return names;
}

std::optional<v1::Decimal> DocumentFields::decimal_of(std::string_view field, const boost::json::value& value) {
  std::string text;
  if (const auto* given = value.if_string()) text = view(*given);
  if (value.is_int64()) text = std::to_string(value.get_int64());
  if (value.is_uint64()) text = std::to_string(value.get_uint64());
  if (value.is_double()) {
    // The shortest text that reads back as this double is what was written, as far as a double can hold it.
    std::array<char, 400> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value.get_double(), std::chars_format::fixed);
    text.assign(digits.data(), end.ptr);
  }
  const auto number = base::parse_decimal(text);
  if (!number) {
    wrong(field, "must be a number such as 1.10: a point, at most 15 digits");
    return std::nullopt;
  }
  v1::Decimal decimal;
  decimal.set_value(number->steps);
  decimal.set_exponent(number->exponent);
  return decimal;
}

std::optional<v1::Decimal> DocumentFields::decimal(std::string_view field) {
  const auto* value = find(field);
  return value == nullptr ? std::nullopt : decimal_of(field, *value);
}

std::uint32_t DocumentFields::duration_s(std::string_view field, std::uint32_t most_s) {
  const auto* value = find(field);
  if (value == nullptr) return 0;
  constexpr std::array<std::pair<char, std::uint64_t>, 4> kUnits{{{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}}};
  const auto* text = value->if_string();
  if (text != nullptr && !text->empty()) {
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& u) { return u.first == text->back(); });
    const auto number = parse_number<std::uint32_t>(view(*text).substr(0, text->size() - 1));
    if (unit != kUnits.end() && number && *number * unit->second <= most_s)
      return static_cast<std::uint32_t>(*number * unit->second);
  }
  wrong(field, "must be a time such as 90s, 30m, 2h or 1d, at most " + duration_text(most_s));
  return 0;
}

std::vector<std::pair<std::string, const boost::json::value*>> DocumentFields::members(std::string_view field,
                                                                                       std::size_t most) {
  std::vector<std::pair<std::string, const boost::json::value*>> sorted;
  const auto* value = find(field);
  if (value == nullptr) return sorted;
  const auto* object = value->if_object();
  if (object == nullptr || object->size() > most) {
    wrong(field, "must be at most " + std::to_string(most) + " names with a value each");
    return sorted;
  }
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    const auto full = std::string(field) + "." + std::string(name);
    if (!is_name(name, true)) {
      wrong(full,
            "is no name: lower-case letters, digits, '-', '.', '_', beginning with a letter or digit, at most 63");
    } else if (!member.value().is_null()) {
      sorted.emplace_back(name, &member.value());
    }
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<v1::Parameter> DocumentFields::parameters(std::string_view field) {
  constexpr std::size_t kMost = 32;
  std::vector<v1::Parameter> parameters;
  for (const auto& [name, value] : members(field, kMost)) {
    const auto number = decimal_of(std::string(field) + "." + name, *value);
    if (!number) continue;
    auto& parameter = parameters.emplace_back();
    parameter.set_name(name);
    *parameter.mutable_value() = *number;
  }
  return parameters;
}

std::vector<v1::Text> DocumentFields::texts(std::string_view field, std::size_t most_bytes) {
  constexpr std::size_t kMost = 8;
  std::vector<v1::Text> texts;
  for (const auto& [language, value] : members(field, kMost)) {
    const auto* given = value->if_string();
    if (given == nullptr || given->empty() || given->size() > most_bytes || has_control_character(view(*given))) {
      wrong(std::string(field) + "." + language,
            "must be text of 1 to " + std::to_string(most_bytes) + " bytes without control characters");
      continue;
    }
    auto& text = texts.emplace_back();
    text.set_language(language);
    text.set_text(std::string(view(*given)));
  }
  return texts;
}

std::vector<const boost::json::object*> DocumentFields::parts(std::string_view field, std::size_t most) {
  std::vector<const boost::json::object*> parts;
  const auto* value = find(field);
  if (value == nullptr) return parts;
  const auto* array = value->if_array();
  if (array == nullptr || array->size() > most) {
    wrong(field, "must be a list of at most " + std::to_string(most) + " entries");
    return parts;
  }
  for (const auto& each : *array) {
    if (const auto* object = each.if_object()) {
      parts.push_back(object);
    } else {
      wrong(std::string(field) + "[" + std::to_string(parts.size()) + "]", "must have fields");
      return {};
    }
  }
  return parts;
}

void DocumentFields::refuse_others() {
  for (const auto& member : object_) {
    const std::string_view field(member.key().data(), member.key().size());
    if (std::find(known_.begin(), known_.end(), field) == known_.end()) wrong(field, "there is no such field");
  }
}

}  // namespace lenne::api
