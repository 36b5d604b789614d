#include "storage/kafka/transactor.hpp"

namespace lenne::storage::kafka {
namespace {

constexpr int kTries = 3;

}  // namespace

/// Runs one request of a transaction until it is done or cannot be.
Result<void> Transactor::ask(const std::function<rd_kafka_error_t*()>& request) {
  for (int tries = 1;; ++tries) {
    auto* error = request();
    if (error == nullptr) return {};
    const bool again = rd_kafka_error_is_retriable(error) != 0 && tries < kTries;
    abortable_ = rd_kafka_error_txn_requires_abort(error) != 0;
    auto answer = base::fail("interrupted", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    if (!again) return answer;
  }
}

Result<void> Transactor::prepare() {
  if (producer_ && doubtful_) {
    const bool aborted =
        abortable_ && ask([&] { return rd_kafka_abort_transaction(producer_->handle.get(), kRequestMs); }).has_value();
    if (!aborted) producer_.reset();
  }
  if (!producer_) {
    auto made = make_client(RD_KAFKA_PRODUCER, settings_,
                            {{"transactional.id", settings_.prefix + id_},
                             {"transaction.timeout.ms", "6000"},
                             {"message.timeout.ms", "6000"},
                             {"linger.ms", "0"},
                             {"compression.type", "lz4"},
                             {"retry.backoff.ms", "5"}});  // or each commit waits 100 ms for its markers
    if (!made) return std::unexpected(made.error());
    const auto ready = ask([&] { return rd_kafka_init_transactions(made->get(), kRequestMs); });
    if (!ready) return base::fail("log_unavailable", id_ + ": " + ready.error().message);
    producer_.emplace(std::move(*made));
    producer_->known.add(producer_->handle.get(), topics_);
  }
  doubtful_ = false;
  return {};
}

void Transactor::expect(const std::vector<std::string>& topics) {
  topics_.insert(topics_.end(), topics.begin(), topics.end());
  if (producer_) producer_->known.add(producer_->handle.get(), topics);
}

Result<void> Transactor::commit(std::deque<Outgoing>& records, rd_kafka_t* consumer, const Places& places) {
  if (auto ready = prepare(); !ready) return base::fail("interrupted", ready.error().message);
  doubtful_ = true;
  abortable_ = true;
  auto done = attempt(records, consumer, places);
  doubtful_ = !done;
  return done;
}

Result<void> Transactor::attempt(std::deque<Outgoing>& records, rd_kafka_t* consumer, const Places& places) {
  const auto fault = base::fail("interrupted", "injected fault");
  if (!allowed("begin")) return fault;
  if (auto begun = ask([&] { return rd_kafka_begin_transaction(producer_->handle.get()); }); !begun) return begun;
  if (auto sent = send_all(*producer_, records, [&] { return allowed("produce"); }); !sent) {
    abortable_ = !refused(records);
    return base::fail("interrupted", sent.error().message);
  }
  if (!places.empty()) {
    if (!allowed("offsets")) return fault;
    auto* group = rd_kafka_consumer_group_metadata(consumer);
    const auto list = list_of(places);
    auto sent = ask(
        [&] { return rd_kafka_send_offsets_to_transaction(producer_->handle.get(), list.get(), group, kRequestMs); });
    rd_kafka_consumer_group_metadata_destroy(group);
    if (!sent) return sent;
  }
  if (!allowed("commit")) return fault;
  // One without an answer cannot be aborted: the next producer of this id waits for its outcome.
  return ask([&] { return rd_kafka_commit_transaction(producer_->handle.get(), kRequestMs); });
}

}  // namespace lenne::storage::kafka
