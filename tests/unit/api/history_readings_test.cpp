#include "api/history_readings.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace lenne::api {
namespace {

Response until_unwanted(const std::atomic<bool>& unwanted) {
  while (!unwanted) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return {.body = "given up"};
}

Response awaited(HistoryReading& reading) {
  for (int i = 0; i < 5'000 && !reading.is_done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return reading.take().value_or(Response{.status = 0});
}

TEST(HistoryReadings, AnAnswerIsTakenOnce) {
  HistoryReadings readings(2);
  const auto reading = readings.start([](const auto&) { return Response{.body = "rows"}; });
  ASSERT_NE(reading, nullptr);
  EXPECT_EQ(awaited(*reading).body, "rows");
  EXPECT_FALSE(reading->take());
}

TEST(HistoryReadings, AreBounded) {
  HistoryReadings readings(2);
  const auto first = readings.start(until_unwanted);
  const auto second = readings.start(until_unwanted);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->take()) << "nobody waits for it";
  EXPECT_EQ(readings.start(until_unwanted), nullptr);
  first->abandon();
  EXPECT_EQ(awaited(*first).body, "given up");
  EXPECT_NE(readings.start(until_unwanted), nullptr) << "there is room again";
}  // and none of those at work keeps it for ever

TEST(HistoryReadings, WhatThrowsIsAnAnswerToo) {
  HistoryReadings readings(1);
  const auto reading = readings.start([](const auto&) -> Response { throw std::runtime_error("a secret"); });
  const auto answer = awaited(*reading);
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace lenne::api
