#include "api/history_readings.hpp"

#include <exception>
#include <utility>

#include "base/thread_name.hpp"

namespace lenne::api {

HistoryReading::HistoryReading(Read read)
    : thread_([this, read = std::move(read)] {
        base::name_this_thread("history");
        try {
          response_ = read(unwanted_);
        } catch (const std::exception&) {  // a bug here must not take the server with it
          response_ = error_response({"internal", "this request could not be answered"});
        }
        done_ = true;
      }) {}

std::optional<Response> HistoryReading::take() {
  if (!done_) return std::nullopt;
  return std::exchange(response_, std::nullopt);
}

HistoryReadings::~HistoryReadings() {
  for (const auto& reading : readings_) reading->abandon();
}

std::shared_ptr<HistoryReading> HistoryReadings::start(HistoryReading::Read read) {
  std::erase_if(readings_, [](const auto& reading) { return reading->is_done(); });
  if (readings_.size() >= most_) return nullptr;
  return readings_.emplace_back(std::make_shared<HistoryReading>(std::move(read)));
}

}  // namespace lenne::api
