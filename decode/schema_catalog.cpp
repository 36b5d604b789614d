#include "decode/schema_catalog.hpp"

#include <fmt/format.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/hash.hpp"
#include "codec/options.pb.h"
#include "decode/field_rules.hpp"
#include "decode/plan_compiler.hpp"

namespace lenne::decode {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view kFolder = "devices/";
constexpr std::size_t kMaxFileSize = 1 << 20;
constexpr std::size_t kMaxErrors = 50;

// The device files, as the importer sees them: "devices/<vendor>/<model>.proto".
class Texts final : public pb::compiler::SourceTree {
 public:
  std::map<std::string, std::string, std::less<>> files;

  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    const auto found = files.find(name);
    if (found == files.end()) return nullptr;
    return new pb::io::ArrayInputStream(found->second.data(), static_cast<int>(found->second.size()));
  }
};

class Errors final : public pb::compiler::MultiFileErrorCollector {
 public:
  std::vector<std::string> lines;

  void AddError(const std::string& file, int line, int column, const std::string& message) override {
    const auto shown = file.starts_with(kFolder) ? file.substr(kFolder.size()) : file;
    lines.push_back(line < 0 ? fmt::format("{}: {}", shown, message)
                             : fmt::format("{}:{}:{}: {}", shown, line + 1, column + 1, message));
  }
};

// Adds a file after all that it imports.
void collect(const pb::FileDescriptor& file, std::set<std::string>& seen, pb::FileDescriptorSet& set) {
  if (!seen.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) collect(*file.dependency(i), seen, set);
  file.CopyTo(set.add_file());
}

// The notation's own files are left out: a new option does not rename the plans that do not use it.
std::string id_of(const pb::FileDescriptorSet& set) {
  pb::FileDescriptorSet own;
  for (const auto& file : set.file()) {
    if (file.name().starts_with(kFolder)) *own.add_file() = file;
  }
  return fmt::format("{:016x}", base::hash64(base::as_bytes(own.SerializeAsString())));
}

// The messages after the first that say they are what downlinks hold.
std::vector<const pb::Descriptor*> downlinks_of(const pb::FileDescriptor& file) {
  std::vector<const pb::Descriptor*> found;
  for (int i = 1; i < file.message_type_count(); ++i) {
    if (layout_of(*file.message_type(i)).downlink()) found.push_back(file.message_type(i));
  }
  return found;
}

bool is_path(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || path.find('/', slash + 1) != std::string_view::npos)
    return false;
  if (!path.ends_with(".proto") || path.size() <= slash + 1 + 6) return false;
  return path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-/.") == std::string_view::npos;
}

}  // namespace

struct SchemaCatalog::Impl {
  struct Entry {
    Plan plan;
    std::optional<Plan> downlink;
    pb::FileDescriptorSet set;
  };

  Texts texts;
  // What the texts import besides each other: the notation and descriptor.proto, as linked into the program.
  pb::DescriptorPoolDatabase linked{*pb::DescriptorPool::generated_pool()};
  pb::compiler::SourceTreeDescriptorDatabase database{&texts, &linked};
  pb::DescriptorPool pool{&database, database.GetValidationErrorCollector()};
  mutable pb::DynamicMessageFactory factory{&pool};  // makes a type's prototype when it is first asked for
  std::map<std::string, Entry, std::less<>> entries;

  [[nodiscard]] const Entry* find(std::string_view schema) const {
    const auto found = entries.find(schema.substr(0, schema.find('@')));
    return found == entries.end() ? nullptr : &found->second;
  }

  [[nodiscard]] std::unique_ptr<pb::Message> message_of(const Plan* of) const {
    return of == nullptr ? nullptr
                         : std::unique_ptr<pb::Message>{factory.GetPrototype(of->messages.front().type)->New()};
  }
};

SchemaCatalog::SchemaCatalog() : impl_(std::make_unique<Impl>()) {}
SchemaCatalog::~SchemaCatalog() = default;

base::Result<std::shared_ptr<const SchemaCatalog>> SchemaCatalog::from_files(std::vector<SchemaFile> files) {
  pb::LinkMessageReflection<codec::Field>();  // or the linker leaves the notation out
  std::shared_ptr<SchemaCatalog> catalog{new SchemaCatalog};
  Impl& impl = *catalog->impl_;
  Errors errors;
  for (auto& file : files) {
    if (!is_path(file.path)) errors.lines.push_back(fmt::format("{}: not named <vendor>/<model>.proto", file.path));
    if (file.text.size() > kMaxFileSize) errors.lines.push_back(fmt::format("{}: larger than 1 MiB", file.path));
    impl.texts.files.insert_or_assign(fmt::format("{}{}", kFolder, file.path), std::move(file.text));
  }
  impl.database.RecordErrorsTo(&errors);
  impl.pool.EnforceWeakDependencies(true);
  for (const auto& [path, text] : impl.texts.files) {
    if (!errors.lines.empty() && errors.lines.size() >= kMaxErrors) break;
    const auto before = errors.lines.size();
    const pb::FileDescriptor* const file = impl.pool.FindFileByName(path);
    const std::string name = path.substr(kFolder.size(), path.size() - kFolder.size() - 6);
    if (file == nullptr || errors.lines.size() != before) {
      if (errors.lines.size() == before) errors.lines.push_back(fmt::format("{}.proto: cannot be imported", name));
      continue;
    }
    if (file->message_type_count() == 0) {
      errors.lines.push_back(fmt::format("{}.proto: has no message", name));
      continue;
    }
    Impl::Entry entry;
    std::set<std::string> seen;
    collect(*file, seen, entry.set);
    const std::string id = id_of(entry.set);
    auto plan = compile_plan(*file->message_type(0), name, id, errors.lines);
    const auto downlinks = downlinks_of(*file);
    if (layout_of(*file->message_type(0)).downlink())
      errors.lines.push_back(fmt::format("{}.proto: the first message is what an uplink holds, not a downlink", name));
    if (downlinks.size() > 1)
      errors.lines.push_back(fmt::format("{}.proto: {} is a second downlink", name, downlinks[1]->name()));
    if (!downlinks.empty()) entry.downlink = compile_plan(*downlinks.front(), name, id, errors.lines);
    if (entry.downlink && !entry.downlink->samples.empty())
      errors.lines.push_back(
          fmt::format("{}.proto: {} is a downlink and measures nothing", name, downlinks[0]->name()));
    if (!plan) continue;
    entry.plan = std::move(*plan);
    impl.entries.emplace(name, std::move(entry));
  }
  impl.database.RecordErrorsTo(nullptr);
  if (!errors.lines.empty()) return base::fail("schema_refused", fmt::format("{}", fmt::join(errors.lines, "\n")));
  return catalog;
}

base::Result<std::shared_ptr<const SchemaCatalog>> SchemaCatalog::load(const std::filesystem::path& directory) {
  std::vector<SchemaFile> files = builtin_schema_files();
  if (!directory.empty()) {
    auto found = schema_files_in(directory);
    if (!found) return std::unexpected(found.error());
    std::ranges::move(*found, std::back_inserter(files));
  }
  return from_files(std::move(files));
}

base::Result<std::vector<SchemaFile>> schema_files_in(const std::filesystem::path& directory) {
  std::vector<SchemaFile> files;
  std::error_code problem;
  for (std::filesystem::recursive_directory_iterator at{directory, problem}, end; !problem && at != end;
       at.increment(problem)) {
    if (at.depth() != 1 || at->path().extension() != ".proto") continue;
    std::ifstream in{at->path(), std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return base::fail("schema_directory", fmt::format("{}: cannot be read", at->path().string()));
    files.push_back({at->path().lexically_relative(directory).generic_string(), std::move(text).str()});
  }
  if (problem) return base::fail("schema_directory", fmt::format("{}: {}", directory.string(), problem.message()));
  std::ranges::sort(files, {}, &SchemaFile::path);
  return files;
}

const Plan* SchemaCatalog::find(std::string_view schema) const {
  const auto* entry = impl_->find(schema);
  return entry == nullptr ? nullptr : &entry->plan;
}

const Plan* SchemaCatalog::find_downlink(std::string_view schema) const {
  const auto* entry = impl_->find(schema);
  return entry == nullptr || !entry->downlink ? nullptr : &*entry->downlink;
}

std::vector<std::string> SchemaCatalog::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->entries) names.push_back(name);
  return names;
}

const pb::FileDescriptorSet* SchemaCatalog::descriptor_set(std::string_view schema) const {
  const auto* entry = impl_->find(schema);
  return entry == nullptr ? nullptr : &entry->set;
}

std::unique_ptr<pb::Message> SchemaCatalog::new_message(std::string_view schema) const {
  return impl_->message_of(find(schema));
}

std::unique_ptr<pb::Message> SchemaCatalog::new_downlink(std::string_view schema) const {
  return impl_->message_of(find_downlink(schema));
}

}  // namespace lenne::decode
