#pragma once
// The rows of the state families (families.hpp), read as state.

#include "storage/embedded/families.hpp"
#include "storage/log.hpp"

namespace lenne::storage::embedded {

/// See StateReader. The families must outlive it.
class FamilyState final : public StateReader {
 public:
  explicit FamilyState(const Families& families) : families_(families) {}

  Result<std::optional<std::string>> get(Store store, std::uint32_t partition, std::string_view key) const override;
  Result<void> scan(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  Result<void> scan_back(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                         const std::function<bool(std::string_view, std::string_view)>& visit) const override;

 private:
  const Families& families_;
};

}  // namespace lenne::storage::embedded
