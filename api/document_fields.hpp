#pragma once
// Reads the fields of one document, remembers which were asked for, and collects what is wrong. Internal to api.

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/documents.hpp"
#include "base/crypto/key128.hpp"

namespace lenne::api {

class DocumentFields {
 public:
  DocumentFields(const boost::json::object& object, Document& document, std::vector<DocumentError>& errors)
      : object_(object), document_(document), errors_(errors) {}
  /// A part of a document; `path` is what its fields' names begin with in errors: "alerts[2].".
  DocumentFields(const DocumentFields& whole, const boost::json::object& part, std::string path)
      : object_(part), document_(whole.document_), errors_(whole.errors_), path_(std::move(path)) {}

  /// Free text, at most `most` bytes, no control characters.
  std::string text(std::string_view field, bool required, std::size_t most = 128);
  /// A name that can stand in keys and topics: lower-case letters, digits and '-' (with `more` also '.' '_'), at
  /// most 63.
  std::string name(std::string_view field, bool required, bool more = true);
  std::string one_of(std::string_view field, std::initializer_list<std::string_view> allowed, std::string_view absent);
  std::uint64_t hex(std::string_view field, int digits, bool required);
  std::optional<base::crypto::Key128> key(std::string_view field);
  std::uint32_t number(std::string_view field, std::uint32_t absent, std::uint32_t most);
  bool boolean(std::string_view field, bool absent);
  std::optional<v1::Location> location(std::string_view field);
  std::vector<std::string> names(std::string_view field);
  /// A number exactly as it is written: 1.10 is 11 * 10^-1.
  std::optional<v1::Decimal> decimal(std::string_view field);
  /// Seconds: a whole number with s, m, h or d behind it ("30m"); at most `most_s`.
  std::uint32_t duration_s(std::string_view field, std::uint32_t most_s);
  /// An object of names and numbers, e.g. {w1: 1.10}; sorted by name.
  std::vector<v1::Parameter> parameters(std::string_view field);
  /// An object of languages and texts, e.g. {de: Hochwasser}; sorted by language.
  std::vector<v1::Text> texts(std::string_view field, std::size_t most_bytes);
  /// A list of objects: calls `read` with the fields of each, and refuses those that it does not ask for.
  template <typename Read>
  void each(std::string_view field, std::size_t most, Read&& read) {
    std::size_t index = 0;
    for (const auto* part : parts(field, most)) {
      DocumentFields fields(*this, *part, path_ + std::string(field) + "[" + std::to_string(index++) + "].");
      read(fields);
      fields.refuse_others();
    }
  }

  [[nodiscard]] bool has(std::string_view field) const {
    const auto* value = object_.if_contains(field);
    return value != nullptr && !value->is_null();
  }
  void wrong(std::string_view field, std::string message);
  /// Every field that nobody asked for is an error.
  void refuse_others();

 private:
  const boost::json::value* find(std::string_view field);
  std::optional<double> real(const boost::json::object& object, std::string_view field, double least, double most);
  std::optional<v1::Decimal> decimal_of(std::string_view field, const boost::json::value& value);
  std::vector<const boost::json::object*> parts(std::string_view field, std::size_t most);
  /// The members of an object field, sorted by name; nothing when it is none, or has too many or names that are none.
  std::vector<std::pair<std::string, const boost::json::value*>> members(std::string_view field, std::size_t most);

  const boost::json::object& object_;
  Document& document_;
  std::vector<DocumentError>& errors_;
  std::string path_ = {};
  std::vector<std::string_view> known_ = {};
};

}  // namespace lenne::api
