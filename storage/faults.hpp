#pragma once
// What a check of stored data found wrong: the first few in words, all of them counted.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lenne::storage {

struct Fault {
  std::string where;  ///< "offset 1234", "device 70b3d5499a3d1c02"
  std::string what;
};

/// One thread.
class Faults {
 public:
  static constexpr std::size_t kKept = 20;

  void add(std::string where, std::string what) {
    if (++count_ <= kKept) first_.push_back({std::move(where), std::move(what)});
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] const std::vector<Fault>& first() const noexcept { return first_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<Fault> first_;
};

}  // namespace lenne::storage
