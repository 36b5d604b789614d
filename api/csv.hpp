#pragma once
// CSV text (RFC 4180): comma, CRLF, quotes where they are needed.

#include <string>
#include <string_view>

namespace lenne::api {

class CsvWriter {
 public:
  /// Appends one field to the present row.
  CsvWriter& field(std::string_view text) {
    if (!first_) out_.push_back(',');
    first_ = false;
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
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
  std::string out_;
  bool first_ = true;
};

}  // namespace lenne::api
