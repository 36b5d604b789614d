// Results of places: /v1/agg with `group`.
#include "api/handlers.hpp"
#include "api/rollup_page.hpp"

namespace lenne::api {

Answer get_rollups(Context& context, const storage::views::RollupFilter& filter,
                   const storage::views::PageRequest& page, std::string_view format, const Caller& caller) {
  const auto found = context.queries.rollups(caller.scope, filter, page);
  if (!found) return error_response(found.error());
  return rollup_page(context, *found, format);
}

}  // namespace lenne::api
