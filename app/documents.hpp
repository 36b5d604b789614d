#pragma once
// Declared things as people write them (YAML documents, CSV lists) turned into the JSON documents of POST /v1/apply.

#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.hpp"

namespace lenne::app {

/// Reads files and folders (folders: their *.yaml, *.yml and *.csv in name order, not below). A CSV's first line names
/// the fields ("parameters.w1": a device's parameter); its kind is the column `kind`, else the file's name
/// (gateways.csv, devices.csv, sites.csv …). Errors: document_file, document_format (file, document and what is wrong).
[[nodiscard]] base::Result<boost::json::array> read_documents(const std::vector<std::filesystem::path>& paths);

/// The same for texts: for tests. `name` stands in messages.
[[nodiscard]] base::Result<boost::json::array> parse_yaml_documents(const std::string& name, const std::string& text);
[[nodiscard]] base::Result<boost::json::array> parse_csv_documents(const std::string& name, const std::string& text);

}  // namespace lenne::app
