#pragma once
// Which threads get the processor first when all of them have work.

namespace lenne::base {

/// The calling thread goes behind all threads that have not called this: it gets about a third of the processor time of
/// one of them when they compete (nice 5), and all of it when they do not. For work that nobody's radio waits for.
/// Needs no rights. Where the kernel refuses it, the thread works as well as before, so there is no error.
void let_others_go_first();

}  // namespace lenne::base
