#include "base/thread_name.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <thread>

namespace lenne::base {
namespace {

std::string name_after(const std::string& name) {
  std::array<char, 64> found{};
  std::thread([&] {
    name_this_thread(name);
    ::pthread_getname_np(::pthread_self(), found.data(), found.size());
  }).join();
  return found.data();
}

TEST(ThreadName, IsWhatTheKernelShows) {
  EXPECT_EQ(name_after("windows"), "windows");
  EXPECT_EQ(name_after("a name of many words"), "a name of many ");
}

}  // namespace
}  // namespace lenne::base
