#include "storage/memory/memory_log.hpp"

#include "storage/embedded/embedded_log.hpp"
#include "storage/memory/memory_families.hpp"

namespace lenne::storage {

MemoryDisk::MemoryDisk() : families_(std::make_shared<embedded::MemoryFamilies>()) {}

void MemoryDisk::fail_write(std::uint64_t n, Fault fault) { families_->fail_write(n, fault); }
std::uint64_t MemoryDisk::writes() const { return families_->writes(); }

MemoryLog::MemoryLog(std::uint32_t network_partitions, const base::Clock& clock)
    : disk_(std::make_shared<MemoryDisk>()) {
  // A new disk takes any number of partitions; one out of range is cut into it rather than left without a log.
  const auto partitions = network_partitions < 1 ? 1U : (network_partitions > 256 ? 256U : network_partitions);
  log_ = embedded::open_log(disk_->families_, partitions, {}, clock, own_counters_).value();
}

Result<std::unique_ptr<Log>> MemoryLog::open(std::shared_ptr<MemoryDisk> disk, std::uint32_t network_partitions,
                                             const base::Clock& clock, base::Counters& counters,
                                             const EmbeddedLimits& limits) {
  disk->families_->reopen();
  return embedded::open_log(disk->families_, network_partitions, limits, clock, counters);
}

MemoryLog::~MemoryLog() = default;

Result<Committed> MemoryLog::append(const Batch& batch) { return log_->append(batch); }
Result<void> MemoryLog::put_state(const Batch& batch) { return log_->put_state(batch); }
Result<std::unique_ptr<Consumer>> MemoryLog::consumer(const ConsumerSpec& spec) { return log_->consumer(spec); }
Result<std::unique_ptr<Reader>> MemoryLog::reader(std::vector<Topic> topics, std::string tenant) {
  return log_->reader(std::move(topics), std::move(tenant));
}
const StateReader& MemoryLog::state() const { return log_->state(); }
Result<std::uint64_t> MemoryLog::retain(Timestamp now) { return log_->retain(now); }
Result<void> MemoryLog::forget(std::string_view consumer) { return log_->forget(consumer); }
Result<TopicDescription> MemoryLog::describe(Topic topic) const { return log_->describe(topic); }
std::uint32_t MemoryLog::network_partitions() const { return log_->network_partitions(); }
std::optional<base::Error> MemoryLog::failure() const { return log_->failure(); }

}  // namespace lenne::storage
