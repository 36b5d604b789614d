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

  const boost::json::object& object_;
  Document& document_;
  std::vector<DocumentError>& errors_;
  std::vector<std::string_view> known_;
};

}  // namespace lenne::api
