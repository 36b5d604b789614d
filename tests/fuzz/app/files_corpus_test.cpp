#include "tests/fuzz/app/csv_documents_target.hpp"
#include "tests/fuzz/app/recording_target.hpp"
#include "tests/fuzz/app/settings_target.hpp"
#include "tests/fuzz/app/yaml_documents_target.hpp"
#include "tests/fuzz/corpus.hpp"

namespace lenne::fuzz {
namespace {

constexpr std::string_view kYaml = "{}[],:-&*!|>'\"%@?# \n\t0123456789.eabc";

TEST(FilesCorpus, Settings) { run_corpus("app", "settings", settings, 10'000, kYaml); }
TEST(FilesCorpus, YamlDocuments) { run_corpus("app", "yaml_documents", yaml_documents, 10'000, kYaml); }
TEST(FilesCorpus, CsvDocuments) {
  run_corpus("app", "csv_documents", csv_documents, 20'000, "\",;\r\n0123456789.einfa");
}
TEST(FilesCorpus, Recordings) {
  run_corpus("app", "recording", recording, 3'000, std::string_view("\x00\x01\x0a\x12\x1a\x20\x22\x7f\x80\xff", 10));
}

}  // namespace
}  // namespace lenne::fuzz
