#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/processing/window_rows_target.hpp"
#include "tests/fuzz/processing/window_sizes_target.hpp"
#include "tests/fuzz/processing/windows_target.hpp"

namespace lenne::fuzz {
namespace {

TEST(WindowsCorpus, Sequences) { run_corpus("processing", "windows", windows, 250); }
TEST(WindowsCorpus, Rows) { run_corpus("processing", "window_rows", window_rows, 1'000); }
TEST(WindowsCorpus, Sizes) { run_corpus("processing", "window_sizes", window_sizes, 50'000, "0123456789smh,"); }

}  // namespace
}  // namespace lenne::fuzz
