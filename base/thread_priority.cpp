#include "base/thread_priority.hpp"

#include <sys/resource.h>

namespace lenne::base {

void let_others_go_first() {
  constexpr int kNice = 5;
  // On Linux the nice value is the thread's, and 0 is the calling one (setpriority(2), bugs).
  (void)::setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace lenne::base
