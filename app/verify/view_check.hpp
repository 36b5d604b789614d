#pragma once
// Whether the rows that the API reads can be read, and lie under the tenant that they are of; the same for the rows of
// ingest and for tokens.

#include <cstdint>
#include <string_view>

#include "storage/faults.hpp"
#include "storage/stores.hpp"

namespace lenne::app {

void check_view_row(storage::Store store, std::uint32_t partition, std::string_view key, std::string_view value,
                    storage::Faults& faults);

}  // namespace lenne::app
