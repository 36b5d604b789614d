#pragma once
// Declares things to a virtual server, as an operator does to a real one: the same checks, records and outcomes.

#include <boost/json/array.hpp>

#include "app/settings.hpp"
#include "app/virtual_server.hpp"
#include "base/error.hpp"

namespace lenne::app {

/// Writes the documents and settles them. The same documents to the same state give the same records each time.
/// Error: documents (one of them is refused; says which and why), all of VirtualServer::settle.
[[nodiscard]] base::Result<void> declare_to(VirtualServer& server, const boost::json::array& documents,
                                            const Settings& settings, const VirtualServer::Parts& parts);

}  // namespace lenne::app
