#pragma once
// Takes operators' documents: compares them with what is there, writes what differs, and waits for what becomes of it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/documents.hpp"
#include "api/request.hpp"

namespace lenne::api {

enum class Action : std::uint8_t { unchanged, created, updated, removed, refused };
[[nodiscard]] std::string_view action_name(Action action) noexcept;

/// What is to become, or became, of one document.
struct Step {
  Document document;
  Action action = Action::unchanged;
  std::vector<FieldChange> changes = {};
  std::string reason = {};
  std::vector<std::uint32_t> partitions = {};  ///< of network-in that are told; the first one gives the outcome
  std::uint64_t request_id = 0;
  bool pending = false;
};

/// A plan compares; it writes nothing. Errors: bad_json, too_large, bad_document (with `document_errors`), log_read.
struct Plan {
  std::vector<Step> steps;  ///< in the order of the request
  std::vector<DocumentError> document_errors;
};
[[nodiscard]] base::Result<Plan> make_plan(const Context& context, std::string_view body);

/// Appends the writes of a plan to network-in: what others refer to first, removals last and backwards.
/// Returns the highest offset of each partition. Errors: log_write, disk_full, log_unavailable.
[[nodiscard]] base::Result<std::map<std::uint32_t, storage::Offset>> append_plan(Context& context, Plan& plan);

/// The answer of POST /v1/apply.
[[nodiscard]] Response plan_response(const Plan& plan, bool dry_run,
                                     const std::map<std::uint32_t, storage::Offset>& position);
[[nodiscard]] Response document_errors_response(const std::vector<DocumentError>& errors);

/// POST /v1/apply: the whole way. Dry runs and plans without a change answer at once.
[[nodiscard]] Answer apply_documents(Context& context, std::string_view body, bool dry_run);

}  // namespace lenne::api
