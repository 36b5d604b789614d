#pragma once
// All device schemas, loaded from .proto text at run time and compiled to plans.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "decode/plan.hpp"

namespace google::protobuf {
class FileDescriptorSet;
class Message;
}  // namespace google::protobuf

namespace lenne::decode {

/// The text of one file, named "<vendor>/<model>.proto".
struct SchemaFile {
  std::string path;
  std::string text;
};

/// The schemas that come with the program (proto/devices at build time).
[[nodiscard]] std::vector<SchemaFile> builtin_schema_files();
/// All "<vendor>/<model>.proto" below a directory. Error `schema_directory` when it cannot be read.
[[nodiscard]] base::Result<std::vector<SchemaFile>> schema_files_in(const std::filesystem::path& directory);

/// Immutable; any thread may use it.
class SchemaCatalog {
 public:
  /// Compiles the files; a later file replaces an earlier one of the same path. Error `schema_refused`: one line a
  /// fault, each naming file and field.
  [[nodiscard]] static base::Result<std::shared_ptr<const SchemaCatalog>> from_files(std::vector<SchemaFile> files);
  /// The built-in schemas and those of an operator's folder, if one is given, which win.
  [[nodiscard]] static base::Result<std::shared_ptr<const SchemaCatalog>> load(
      const std::filesystem::path& directory = {});

  ~SchemaCatalog();
  SchemaCatalog(const SchemaCatalog&) = delete;
  SchemaCatalog& operator=(const SchemaCatalog&) = delete;

  /// By "<vendor>/<model>" or "<vendor>/<model>@<id>"; with another id, the present plan of that name: field numbers
  /// are never given to another field, so it reads older messages. Null when there is none. Lives as long as the
  /// catalogue.
  [[nodiscard]] const Plan* find(std::string_view schema) const;
  /// What can be sent to the device, by the same names. Null as find, and when its schema has no downlink.
  [[nodiscard]] const Plan* find_downlink(std::string_view schema) const;
  /// All names, "<vendor>/<model>", sorted.
  [[nodiscard]] std::vector<std::string> names() const;
  /// The schema of the wire bytes for consumers: the device's file and all that it imports. Null as find.
  [[nodiscard]] const google::protobuf::FileDescriptorSet* descriptor_set(std::string_view schema) const;
  /// An empty message of the schema's type, to be filled and encoded. Null as find.
  [[nodiscard]] std::unique_ptr<google::protobuf::Message> new_message(std::string_view schema) const;
  /// The same of the schema's downlinks. Null as find_downlink.
  [[nodiscard]] std::unique_ptr<google::protobuf::Message> new_downlink(std::string_view schema) const;

 private:
  SchemaCatalog();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::decode
