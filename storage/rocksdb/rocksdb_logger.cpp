#include "storage/rocksdb/rocksdb_logger.hpp"

#include <cstdio>

namespace lenne::storage::embedded {
namespace {

class StderrLogger final : public rocksdb::Logger {
 public:
  StderrLogger() : Logger(rocksdb::ERROR_LEVEL) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[1024];
    std::vsnprintf(line, sizeof line, format, arguments);
    std::fprintf(stderr, "rocksdb: %s\n", line);
  }
  void LogHeader(const char*, va_list) override {}  // all its options, each time it is opened
};

}  // namespace

std::shared_ptr<rocksdb::Logger> stderr_logger() { return std::make_shared<StderrLogger>(); }

}  // namespace lenne::storage::embedded
