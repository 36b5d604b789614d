#include "decode/json_reader.hpp"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace lenne::decode {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

constexpr std::string_view kNumberCharacters = "+-.0123456789eE";

// One pass over the text; the message's own types bound the depth. Every step returns false at the first fault.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  base::Result<void> all(pb::Message& message) {
    const bool good = object(message) && (end() || fail("more text after the object"));
    if (good) return {};
    return base::fail("bad_json", fmt::format("{} at byte {}", error_, at_));
  }

 private:
  bool fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }
  void blank() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool end() {
    blank();
    return at_ == text_.size();
  }
  bool take(char c) {
    blank();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    blank();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool expect(char c) { return take(c) || fail(fmt::format("expected '{}'", c)); }

  bool object(pb::Message& message);
  bool array(pb::Message& message, const FieldDescriptor& field);
  bool value(pb::Message& message, const FieldDescriptor& field);
  bool enumeration(pb::Message& message, const FieldDescriptor& field);
  bool string(std::string& out);
  bool escape(std::string& out);
  bool real(double& out);
  template <typename Integer>
  bool whole(Integer& out);

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

bool Reader::object(pb::Message& message) {
  if (!expect('{')) return false;
  if (take('}')) return true;
  do {
    std::string name;
    if (!string(name) || !expect(':')) return false;
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) return fail(fmt::format("{} has no field \"{}\"", message.GetDescriptor()->name(), name));
    if (take_word("null")) continue;
    if (!(field->is_repeated() ? array(message, *field) : value(message, *field))) return false;
  } while (take(','));
  return expect('}');
}

bool Reader::array(pb::Message& message, const FieldDescriptor& field) {
  if (!expect('[')) return false;
  if (take(']')) return true;
  do {
    if (!value(message, field)) return false;
  } while (take(','));
  return expect(']');
}

bool Reader::escape(std::string& out) {
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  if (at_ >= text_.size()) return fail("unfinished text");
  const char c = text_[at_++];
  if (const auto found = kFrom.find(c); found != std::string_view::npos) {
    out += kTo[found];
    return true;
  }
  unsigned code = 0;
  if (c != 'u' || at_ + 4 > text_.size()) return fail("bad escape");
  const char* const last = text_.data() + at_ + 4;
  if (std::from_chars(text_.data() + at_, last, code, 16).ptr != last) return fail("bad escape");
  if (code > 0x7f) return fail("only 7-bit text is known");  // ASCII and HEX fields have nothing else
  at_ += 4;
  out += static_cast<char>(code);
  return true;
}

bool Reader::string(std::string& out) {
  if (!expect('"')) return false;
  while (at_ < text_.size() && text_[at_] != '"') {
    const char c = text_[at_++];
    if (c != '\\') {
      out += c;
    } else if (!escape(out)) {
      return false;
    }
  }
  return expect('"');
}

bool Reader::real(double& out) {
  blank();
  const auto length = std::min(text_.find_first_not_of(kNumberCharacters, at_), text_.size()) - at_;
  const char* const last = text_.data() + at_ + length;
  const auto [ptr, problem] = std::from_chars(text_.data() + at_, last, out);
  if (length == 0 || problem != std::errc{} || ptr != last || !std::isfinite(out)) return fail("expected a number");
  at_ += length;
  return true;
}

// 41.0 and 4.1e1 are whole numbers too.
template <typename Integer>
bool Reader::whole(Integer& out) {
  blank();
  const auto length = std::min(text_.find_first_not_of(kNumberCharacters, at_), text_.size()) - at_;
  const char* const last = text_.data() + at_ + length;
  const auto [ptr, problem] = std::from_chars(text_.data() + at_, last, out);
  if (length != 0 && problem == std::errc{} && ptr == last) {
    at_ += length;
    return true;
  }
  double number = 0;
  const std::size_t before = at_;
  if (!real(number)) return false;
  if (std::floor(number) == number && std::fabs(number) <= 9007199254740992.0 &&
      number >= static_cast<double>(std::numeric_limits<Integer>::min()) &&
      number <= static_cast<double>(std::numeric_limits<Integer>::max())) {
    out = static_cast<Integer>(number);
    return true;
  }
  at_ = before;
  return fail("the field cannot hold this number");
}

bool Reader::enumeration(pb::Message& message, const FieldDescriptor& field) {
  blank();
  int number = 0;
  if (at_ < text_.size() && text_[at_] == '"') {
    std::string name;
    if (!string(name)) return false;
    const auto* const known = field.enum_type()->FindValueByName(name);
    if (known == nullptr) return fail(fmt::format("{} has no value \"{}\"", field.enum_type()->name(), name));
    number = known->number();
  } else if (!whole(number)) {
    return false;
  }
  const pb::Reflection& set = *message.GetReflection();
  field.is_repeated() ? set.AddEnumValue(&message, &field, number) : set.SetEnumValue(&message, &field, number);
  return true;
}

bool Reader::value(pb::Message& message, const FieldDescriptor& field) {
  const pb::Reflection& set = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return object(many ? *set.AddMessage(&message, &field) : *set.MutableMessage(&message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return enumeration(message, field);
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = take_word("true");
      if (!yes && !take_word("false")) return fail("expected true or false");
      many ? set.AddBool(&message, &field, yes) : set.SetBool(&message, &field, yes);
      return true;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text;
      if (!string(text)) return false;
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        const auto bytes = base::from_hex(text);
        if (!bytes) return fail(bytes.error());
        text.assign(bytes->begin(), bytes->end());
      }
      many ? set.AddString(&message, &field, std::move(text)) : set.SetString(&message, &field, std::move(text));
      return true;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      double number = 0;
      if (!real(number)) return false;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
        if (std::fabs(number) > static_cast<double>(std::numeric_limits<float>::max())) return fail("too large");
        const auto single = static_cast<float>(number);
        many ? set.AddFloat(&message, &field, single) : set.SetFloat(&message, &field, single);
      } else {
        many ? set.AddDouble(&message, &field, number) : set.SetDouble(&message, &field, number);
      }
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      std::int32_t number = 0;
      if (!whole(number)) return false;
      many ? set.AddInt32(&message, &field, number) : set.SetInt32(&message, &field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      std::int64_t number = 0;
      if (!whole(number)) return false;
      many ? set.AddInt64(&message, &field, number) : set.SetInt64(&message, &field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      std::uint32_t number = 0;
      if (!whole(number)) return false;
      many ? set.AddUInt32(&message, &field, number) : set.SetUInt32(&message, &field, number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      std::uint64_t number = 0;
      if (!whole(number)) return false;
      many ? set.AddUInt64(&message, &field, number) : set.SetUInt64(&message, &field, number);
      return true;
    }
  }
  return fail("unknown kind of field");
}

}  // namespace

base::Result<void> read_json(std::string_view json, pb::Message& message) { return Reader{json}.all(message); }

}  // namespace lenne::decode
