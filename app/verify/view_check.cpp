#include "app/verify/view_check.hpp"

#include <optional>

#include "api/purpose.hpp"
#include "app/verify/words.hpp"
#include "base/crypto/sha256.hpp"
#include "ingest/gateway_timeline.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/ingest.pb.h"
#include "lenne/v1/view.pb.h"
#include "processing/alerts/rows.hpp"
#include "processing/rollup/rollup_rows.hpp"
#include "storage/outbox/outbox.hpp"
#include "storage/views/keys.hpp"

namespace lenne::app {
namespace {

namespace views = storage::views;
using storage::Store;

template <typename Message>
std::optional<Message> parsed(std::string_view value) {
  Message message;
  return parse(message, value) ? std::optional(std::move(message)) : std::nullopt;
}

bool is_object(std::string_view key, std::string_view value) {
  const auto state = parsed<v1::ControlState>(value);
  const auto tenant = views::tenant_of_key(key);
  return state && tenant && views::object_key(*tenant, views::control_key_of(state->object())) == key;
}

bool is_device(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::DeviceView>(value);
  return row && views::device_key(row->tenant(), row->dev_eui()) == key;
}

bool is_aggregate(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::Aggregate>(value);
  return row && views::aggregate_key(views::aggregate_prefix(row->tenant(), row->measure(), row->window()),
                                     base::from_us(row->start_us()), row->dev_eui()) == key;
}

bool is_rollup(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::Rollup>(value);
  return row && views::rollup_key(*row) == key;
}

bool is_open_rollup(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::OpenRollup>(value);
  return row && views::open_rollup_key(*row) == key;
}

bool is_alert(std::string_view key, std::string_view value) {
  if (views::is_alert_index_key(key)) return views::tenant_of_key(value).has_value();
  const auto row = parsed<v1::AlertView>(value);
  return row && (key == views::alert_key(row->alert()) || key == views::alert_change_key(row->alert()));
}

bool is_outcome(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::OutcomeView>(value);
  return row && views::outcome_key(row->request_id()) == key;
}

bool is_meta(std::string_view key, std::string_view value) {
  const auto tenant = views::tenant_of_key(key);
  if (!tenant || key.size() <= tenant->size() + 1) return false;
  if (key == views::applied_key()) return parsed<v1::AppliedView>(value).has_value();
  switch (key[tenant->size() + 1]) {
    case 'G':
      return parsed<v1::GatewayView>(value).has_value();
    case 'T':
      return parsed<v1::TenantView>(value).has_value();
    case 'L':
      return tenant->empty();
    default:
      return false;
  }
}

bool is_ingest(std::string_view key, std::string_view value) {
  if (key == "identity") return parsed<v1::IngestIdentity>(value).has_value();
  ingest::AirtimeLedger ledger;
  return key.starts_with("airtime/") && ledger.decode(value);
}

constexpr std::size_t kWrappedKeyBytes = 24;  // RFC 3394: one key and a block

bool is_token(std::string_view key, std::string_view value) {
  const auto row = parsed<v1::ReadToken>(value);
  return row && !row->tenant().empty() && key.size() == base::crypto::Digest{}.size() &&
         api::grant_of(*row).has_value();
}

bool is_good(Store store, std::string_view key, std::string_view value) {
  switch (store) {
    case Store::view_object:
      return is_object(key, value);
    case Store::view_latest:
      return is_device(key, value);
    case Store::view_series:
      return views::tenant_of_key(key).has_value();
    case Store::view_aggregate:
      return is_aggregate(key, value);
    case Store::view_rollup:
      return is_rollup(key, value);
    case Store::view_open:
      return is_open_rollup(key, value);
    case Store::view_event:
      return is_outcome(key, value);
    case Store::view_meta:
      return is_meta(key, value);
    case Store::ingest:
      return is_ingest(key, value);
    case Store::token:
      return is_token(key, value);
    case Store::network_key:
      return key == "check" && value.size() == kWrappedKeyBytes;
    case Store::rollup:
      return processing::rollup::is_row(key, value);
    case Store::outbox:
      return storage::is_outbox_row(key, value);
    case Store::alert:
      return processing::alerts::is_sound_row(key, value);
    case Store::view_alert:
      return is_alert(key, value);
    case Store::device:
    case Store::network:
    case Store::pane:
    case Store::window:
      break;  // session_check and window_check know them
  }
  return true;
}

}  // namespace

void check_view_row(Store store, std::uint32_t partition, std::string_view key, std::string_view value,
                    storage::Faults& faults) {
  if (!is_good(store, key, value)) faults.add(where_of(store, partition, key), "is damaged, or lies under another key");
}

}  // namespace lenne::app
