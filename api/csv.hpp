#pragma once
// CSV text (RFC 4180): a separator, CRLF, quotes where they are needed.

#include <string>
#include <string_view>

namespace lenne::api {

class CsvWriter {
 public:
  /// Programs in German take a semicolon, since the comma is the decimal one.
  explicit CsvWriter(char separator = ',') : separator_(separator) {}

  /// Appends one field to the present row.
  CsvWriter& field(std::string_view text) {
    if (!first_) out_.push_back(separator_);
    first_ = false;
    if (text.find_first_of("\"\r\n") == std::string_view::npos && !text.contains(separator_)) {
      out_.append(text);
      return *this;
    }
    out_.push_back('"');
    for (const char c : text) {
      if (c == '"') out_.push_back('"');
      out_.push_back(c);
    }
    out_.push_back('"');
    return *this;
  }
  CsvWriter& end_row() {
    out_.append("\r\n");
    first_ = true;
    return *this;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  char separator_;
  std::string out_;
  bool first_ = true;
};

}  // namespace lenne::api
