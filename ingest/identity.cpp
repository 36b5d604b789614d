#include "ingest/identity.hpp"

#include <fmt/format.h>

#include "lenne/v1/ingest.pb.h"

namespace lenne::ingest {
namespace {

constexpr std::string_view kKey = "identity";

}  // namespace

base::Result<Identity> next_identity(storage::Log& log, std::uint32_t fresh_instance) {
  const auto stored = log.state().get(storage::Store::ingest, 0, kKey);
  if (!stored) return std::unexpected(stored.error());
  v1::IngestIdentity row;
  if (*stored && (!row.ParseFromString(**stored) || row.instance() == 0)) {
    return base::fail("bad_identity", "the stored identity of ingest is damaged");
  }
  if (row.instance() == 0) row.set_instance(fresh_instance);
  row.set_incarnation(row.incarnation() + 1);
  storage::Batch batch;
  batch.put(storage::Store::ingest, 0, kKey, row.SerializeAsString());
  if (const auto put = log.put_state(batch); !put) return std::unexpected(put.error());
  return Identity{row.instance(), row.incarnation()};
}

std::string to_text(const Identity& identity) {
  return fmt::format("{:08x}:{:08x}", identity.instance, identity.incarnation);
}

}  // namespace lenne::ingest
