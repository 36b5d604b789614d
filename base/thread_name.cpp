#include "base/thread_name.hpp"

#include <pthread.h>

namespace lenne::base {

void name_this_thread(std::string name) {
  constexpr std::size_t kMost = 15;
  if (name.size() > kMost) name.resize(kMost);
  ::pthread_setname_np(::pthread_self(), name.c_str());
}

}  // namespace lenne::base
