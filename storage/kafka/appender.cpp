#include "storage/kafka/appender.hpp"

namespace lenne::storage::kafka {

Result<std::unique_ptr<Appender>> Appender::open(const KafkaSettings& settings, std::vector<std::string> topics,
                                                 base::Counters& counters) {
  std::unique_ptr<Appender> appender(new Appender(settings, std::move(topics), counters));
  auto producer = appender->make();
  if (!producer) return std::unexpected(producer.error());
  appender->producer_ = std::move(*producer);
  return appender;
}

Result<std::shared_ptr<Producer>> Appender::make() {
  auto handle = make_client(RD_KAFKA_PRODUCER, settings_,
                            {{"enable.idempotence", "true"},
                             {"linger.ms", "0"},
                             {"compression.type", "lz4"},
                             {"message.timeout.ms", "5000"}});
  if (!handle) return std::unexpected(handle.error());
  auto producer = std::make_shared<Producer>(Producer{std::move(*handle)});
  producer->known.add(producer->handle.get(), topics_);
  ++made_;
  return producer;
}

Result<void> Appender::append(std::deque<Outgoing>& records) {
  std::shared_ptr<Producer> producer;
  {
    const std::lock_guard lock(mutex_);
    producer = producer_;
  }
  auto sent = send_all(*producer, records, [&] { return !settings_.fault || !settings_.fault("produce"); });
  if (sent) return sent;
  char text[256] = "";
  const auto fatal = rd_kafka_fatal_error(producer->handle.get(), text, sizeof text);
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR || refused(records)) replace(producer);
  return base::fail("log_unavailable", sent.error().message);
}

void Appender::replace(const std::shared_ptr<Producer>& spent) {
  const std::lock_guard lock(mutex_);
  if (producer_ != spent) return;  // another thread has done it
  if (auto fresh = make()) producer_ = std::move(*fresh);
}

}  // namespace lenne::storage::kafka
