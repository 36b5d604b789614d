#include "api/apply.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "api/json_writer.hpp"
#include "base/ids.hpp"
#include "base/slot.hpp"
#include "lenne/v1/network_in.pb.h"
#include "processing/derived/derive.hpp"
#include "storage/views/keys.hpp"

namespace lenne::api {
namespace {

using storage::views::Scope;

// The order of writing: what others refer to comes first.
int rank_of(const v1::Object& object) {
  switch (object.kind_case()) {
    case v1::Object::kTenant:
      return 0;
    case v1::Object::kUseCase:
      return 1;
    case v1::Object::kProfile:
      return 2;
    case v1::Object::kSite:
      return 3;
    case v1::Object::kGrant:
      return 4;
    case v1::Object::kGateway:
      return 5;
    case v1::Object::kDevice:
      return 6;
    case v1::Object::KIND_NOT_SET:
      break;
  }
  return 7;
}

class Planner {
 public:
  explicit Planner(const Context& context) : context_(context) {}

  base::Result<Plan> run(ParsedDocuments parsed) {
    Plan plan;
    for (auto& document : parsed.documents) plan.steps.push_back({std::move(document)});
    std::vector<Step*> order;
    for (auto& step : plan.steps) order.push_back(&step);
    // Removals are judged first and backwards: whether a tenant can go depends on whether its devices go.
    const auto place = [](const Step* step) {
      const int rank = rank_of(step->document.object);
      return step->document.remove ? -rank : 100 + rank;
    };
    std::stable_sort(order.begin(), order.end(), [&](const Step* a, const Step* b) { return place(a) < place(b); });
    for (auto* step : order) {
      const auto& document = step->document;
      if (document.remove) removed_.insert(document.key);
      if (!document.remove) given_[document.key] = &document.object;
    }
    for (auto* step : order) {
      if (auto judged = judge(*step); !judged) return std::unexpected(judged.error());
      if (step->action == Action::refused && step->document.remove) removed_.erase(step->document.key);
      if (!step->document.remove && step->action != Action::refused) put_[step->document.key] = step;
    }
    return plan;
  }

 private:
  static void refuse(Step& step, std::string why) {
    step.action = Action::refused;
    step.reason = std::move(why);
    step.changes.clear();
  }

  // The object of a key as it will be: from this request, else from the views.
  base::Result<std::optional<v1::Object>> object_of(const std::string& key) {
    if (const auto found = put_.find(key); found != put_.end()) return std::optional{found->second->document.object};
    if (removed_.contains(key)) return std::optional<v1::Object>{};
    if (const auto found = looked_up_.find(key); found != looked_up_.end()) return found->second;
    auto state = context_.queries.object(Scope::everything(), key);
    if (!state) return std::unexpected(state.error());
    std::optional<v1::Object> object;
    if (*state) object = (**state).object();
    if (looked_up_.size() < 4096) looked_up_[key] = object;
    return object;
  }

  base::Result<bool> require(Step& step, const std::string& key, std::string_view what) {
    auto object = object_of(key);
    if (!object) return std::unexpected(object.error());
    if (!*object) refuse(step, std::string(what) + " does not exist");
    return object->has_value();
  }

  base::Result<void> judge(Step& step) {
    auto& document = step.document;
    if (!document.refused.empty()) {
      refuse(step, document.refused);
      return {};
    }
    auto before = context_.queries.object(Scope::everything(), document.key);
    if (!before) return std::unexpected(before.error());
    std::optional<v1::Object> old;
    if (*before) old = (**before).object();
    if (document.remove) return judge_removal(step, old);
    if (auto checked = check_references(step); !checked) return checked;
    if (step.action == Action::refused) return {};
    if (!old) {
      step.action = Action::created;
      step.changes = differences({}, document.object);
    } else {
      step.changes = differences(*old, document.object);
      step.action = step.changes.empty() ? Action::unchanged : Action::updated;
      if (document.object.has_use_case()) check_version(step, old->use_case(), document.object.use_case());
      if (step.action == Action::refused) return {};
      if (step.action == Action::updated && document.object.has_profile()) {
        step.reason = "devices that use it keep the old one until they are applied again";
      }
    }
    if (step.action != Action::unchanged) step.partitions = partitions_of(document.object);
    return {};
  }

  // Results name the rules that they are made by with the use case's version: another rule has another one.
  void check_version(Step& step, const v1::UseCase& old, const v1::UseCase& wanted) {
    using processing::derived::fingerprint_of;
    if (wanted.version() < old.version()) {
      refuse(step, fmt::format("its version does not fall below {}", old.version()));
    } else if (wanted.version() == old.version() && fingerprint_of(old) != fingerprint_of(wanted)) {
      refuse(step, fmt::format("what changes derive or quality needs a version above {}", old.version()));
    }
  }

  // What a document names must exist; a device also gets its schema and interval from its profile here, so that the
  // network step needs no look-up.
  base::Result<void> check_references(Step& step) {
    auto& object = step.document.object;
    const auto tenant = storage::views::owner_of(object);
    if (!object.has_tenant() && !tenant.empty()) {
      auto found = require(step, "tenant/" + tenant, "tenant " + tenant);
      if (!found) return std::unexpected(found.error());
      if (!*found) return {};
    }
    if (object.has_grant()) {
      auto found = require(step, "tenant/" + object.grant().to_tenant(), "tenant " + object.grant().to_tenant());
      if (!found) return std::unexpected(found.error());
    }
    if (object.has_profile() && context_.deps.hooks.schema_exists &&
        !context_.deps.hooks.schema_exists(object.profile().schema())) {
      refuse(step, "schema " + object.profile().schema() + " does not exist");
      return {};
    }
    if (object.has_profile()) return check_use_case(step, object.profile().use_case());
    if (object.has_use_case()) check_windows(step, object.use_case());
    return object.has_device() ? check_device(step) : base::Result<void>{};
  }

  // A rule of windows that never have a result would never be judged, and nobody would know.
  void check_windows(Step& step, const v1::UseCase& use_case) {
    const auto& hook = context_.deps.hooks.shortest_instead_of;
    if (!hook) return;
    for (const auto& rule : use_case.alerts()) {
      const auto shortest = hook(rule.window(), rule.measure());
      if (!shortest) continue;
      refuse(step, fmt::format("alert {}: {} has no windows of {}; its shortest is {}", rule.name(), rule.measure(),
                               rule.window(), *shortest));
      return;
    }
  }

  base::Result<void> check_use_case(Step& step, const std::string& name) {
    if (name.empty()) return {};
    auto found = require(step, "use_case/" + name, "use case " + name);
    if (!found) return std::unexpected(found.error());
    return {};
  }

  base::Result<void> check_device(Step& step) {
    auto& device = *step.document.object.mutable_device();
    if (!device.site().empty()) {
      const auto name = device.tenant() + "/" + device.site();
      auto found = require(step, "site/" + name, "site " + name);
      if (!found) return std::unexpected(found.error());
      if (!*found) return {};
    }
    if (device.profile().empty()) return check_use_case(step, device.use_case());
    auto profile = object_of("profile/" + device.profile());
    if (!profile) return std::unexpected(profile.error());
    if (!*profile) {
      refuse(step, "profile " + device.profile() + " does not exist");
      return {};
    }
    device.set_schema((**profile).profile().schema());
    device.set_nominal_interval_s((**profile).profile().nominal_interval_s());
    if (device.use_case().empty()) device.set_use_case((**profile).profile().use_case());
    return check_use_case(step, device.use_case());
  }

  base::Result<void> judge_removal(Step& step, const std::optional<v1::Object>& old) {
    if (!old) return {};  // nothing to remove: unchanged
    for (const auto kind : {"site", "gateway", "device", "grant"}) {
      if (!old->has_tenant()) break;
      auto left = first_left(kind, old->tenant().name());
      if (!left) return std::unexpected(left.error());
      if (!left->empty()) {
        refuse(step, "the tenant still has " + *left);
        return {};
      }
    }
    if (old->has_site()) {
      auto left = device_left_at(old->site());
      if (!left) return std::unexpected(left.error());
      if (!left->empty()) {
        refuse(step, "the site still has " + *left);
        return {};
      }
    }
    if (old->has_use_case()) {
      auto left = first_user(old->use_case().name());
      if (!left) return std::unexpected(left.error());
      if (!left->empty()) {
        refuse(step, "the use case still has " + *left);
        return {};
      }
    }
    step.action = Action::removed;
    step.partitions = partitions_of(*old);
    // The identity is all that the step needs; the address tells it where the device lives.
    if (old->has_device()) {
      auto& device = *step.document.object.mutable_device();
      device.set_tenant(old->device().tenant());
      device.set_dev_addr(old->device().dev_addr());
      device.set_activation(old->device().activation());
    } else {
      step.document.object = *old;
    }
    return {};
  }

  // The first object of a kind that a tenant has and that this request does not remove; empty when there is none.
  base::Result<std::string> first_left(std::string_view kind, std::string_view tenant) {
    storage::views::PageRequest page{.limit = 500};
    do {
      auto found = context_.queries.objects(Scope::everything(), kind, tenant, page);
      if (!found) return std::unexpected(found.error());
      for (const auto& state : found->items) {
        auto key = storage::views::control_key_of(state.object());
        if (!removed_.contains(key)) return key;
      }
      page.cursor = found->next;
    } while (!page.cursor.empty());
    return std::string{};
  }

  base::Result<std::string> device_left_at(const v1::Site& site) {
    storage::views::PageRequest page{.limit = 500};
    do {
      auto found = context_.queries.devices(Scope::everything(), {.tenant = site.tenant(), .site = site.name()}, page);
      if (!found) return std::unexpected(found.error());
      for (const auto& row : found->items) {
        auto key = "device/" + base::to_hex(base::DevEui{row.dev_eui()});
        if (!removed_.contains(key) && !moves_away(key, site)) return key;
      }
      page.cursor = found->next;
    } while (!page.cursor.empty());
    return std::string{};
  }

  // Whether this request puts the device somewhere else. Devices are judged after sites, so the documents are asked.
  [[nodiscard]] bool moves_away(const std::string& key, const v1::Site& site) const {
    const auto found = given_.find(key);
    return found != given_.end() &&
           (found->second->device().tenant() != site.tenant() || found->second->device().site() != site.name());
  }

  // The first profile or device that follows a use case and that this request neither removes nor changes to another
  // one; empty when there is none. All devices of the network are looked through: use cases go seldom.
  base::Result<std::string> first_user(const std::string& use_case) {
    for (const auto kind : {"profile", "device"}) {
      storage::views::PageRequest page{.limit = 500};
      do {
        auto found = context_.queries.objects(Scope::everything(), kind, {}, page);
        if (!found) return std::unexpected(found.error());
        for (const auto& state : found->items) {
          auto key = storage::views::control_key_of(state.object());
          if (use_case_of(state.object()) != use_case || removed_.contains(key)) continue;
          auto wanted = use_case_wanted(key);
          if (!wanted) return std::unexpected(wanted.error());
          if (wanted->value_or(use_case) == use_case) return key;
        }
        page.cursor = found->next;
      } while (!page.cursor.empty());
    }
    return std::string{};
  }

  [[nodiscard]] static const std::string& use_case_of(const v1::Object& object) {
    return object.has_profile() ? object.profile().use_case() : object.device().use_case();
  }

  // What this request makes of the use case of an object: its own, else its profile's; nothing when it does not say.
  base::Result<std::optional<std::string>> use_case_wanted(const std::string& key) {
    const auto found = given_.find(key);
    if (found == given_.end()) return std::optional<std::string>{};
    const auto& object = *found->second;
    if (!use_case_of(object).empty() || !object.has_device() || object.device().profile().empty())
      return std::optional{use_case_of(object)};
    const auto profile = "profile/" + object.device().profile();
    if (const auto given = given_.find(profile); given != given_.end())
      return std::optional{given->second->profile().use_case()};
    auto known = object_of(profile);
    if (!known) return std::unexpected(known.error());
    return std::optional{*known ? (**known).profile().use_case() : std::string{}};
  }

  // A use case is told to every partition, so that whatever arrives after the answer follows it; the first one gives
  // the outcome. A device is told where its DevEUI's slot is, an ABP device also where its address lives. The network
  // itself takes it away from where an earlier address lived.
  [[nodiscard]] std::vector<std::uint32_t> partitions_of(const v1::Object& object) const {
    const auto count = context_.deps.log.network_partitions();
    if (object.has_use_case()) {
      std::vector<std::uint32_t> all(count);
      std::iota(all.begin(), all.end(), 0U);
      return all;
    }
    if (!object.has_device()) return {0};
    const auto& device = object.device();
    const auto home = base::partition_of(base::slot_of(base::DevEui{device.dev_eui()}), count);
    const auto frames = base::partition_of(base::slot_of(base::DevAddr{device.dev_addr()}), count);
    if (device.activation() != v1::ACTIVATION_ABP || frames == home) return {home};
    return {home, frames};
  }

  const Context& context_;
  std::set<std::string> removed_;
  std::map<std::string, Step*> put_;
  std::map<std::string, const v1::Object*> given_;  // what this request wants to put
  std::map<std::string, std::optional<v1::Object>> looked_up_;
};

// The outcome of one write, once it is known and its effect is in the views.
base::Result<bool> look_for_outcome(const Context& context, Step& step) {
  auto outcome = context.queries.outcome(step.request_id);
  if (!outcome) return std::unexpected(outcome.error());
  if (*outcome) {
    if (!(**outcome).accepted()) {
      step.action = Action::refused;
      step.reason = (**outcome).message().empty() ? (**outcome).code() : (**outcome).message();
      step.changes.clear();
      return true;
    }
    if (step.action != Action::removed) return true;
  } else if (step.action != Action::removed) {
    return false;
  }
  auto object = context.queries.object(Scope::everything(), step.document.key);
  if (!object) return std::unexpected(object.error());
  return !object->has_value();
}

class WaitForOutcomes final : public Deferred {
 public:
  WaitForOutcomes(Context& context, Plan plan, std::map<std::uint32_t, storage::Offset> position)
      : context_(context), plan_(std::move(plan)), position_(std::move(position)) {
    for (auto& step : plan_.steps) {
      if (step.pending) open_.push_back(&step);
    }
  }

  std::optional<Response> poll() override {
    while (!open_.empty()) {
      auto known = look_for_outcome(context_, *open_.back());
      if (!known) return error_response(known.error());
      if (!*known) return std::nullopt;
      open_.back()->pending = false;
      open_.pop_back();
    }
    for (const auto& [partition, offset] : position_) {
      auto& known = context_.known_applied[partition];
      known = std::max(known, offset);
    }
    return plan_response(plan_, false, position_);
  }

  // They are in the log and will be judged; only their outcome is not known yet.
  Response give_up() override {
    for (auto* step : open_)
      step->reason = "no outcome yet; it is written and will be judged, ask again with min_position";
    context_.refuse("apply_outcome_late");
    auto response = plan_response(plan_, false, position_);
    response.status = 202;
    return response;
  }

 private:
  Context& context_;
  Plan plan_;
  std::map<std::uint32_t, storage::Offset> position_;
  std::vector<Step*> open_;
};

}  // namespace

std::string_view action_name(Action action) noexcept {
  constexpr std::array<std::string_view, 5> kNames{"unchanged", "created", "updated", "removed", "refused"};
  return kNames[static_cast<std::size_t>(action)];
}

base::Result<Plan> make_plan(const Context& context, std::string_view body) {
  const DocumentRules rules{context.settings.regions, context.settings.limits.documents};
  auto parsed = parse_documents(body, rules, context.deps.vault);
  if (!parsed) return std::unexpected(parsed.error());
  if (!parsed->errors.empty()) return Plan{{}, std::move(parsed->errors)};
  return Planner(context).run(std::move(*parsed));
}

base::Result<std::map<std::uint32_t, storage::Offset>> append_plan(Context& context, Plan& plan) {
  std::vector<Step*> order;
  for (auto& step : plan.steps) {
    if (step.action == Action::created || step.action == Action::updated || step.action == Action::removed)
      order.push_back(&step);
  }
  std::stable_sort(order.begin(), order.end(), [](const Step* a, const Step* b) {
    const auto place = [](const Step* step) {
      const int rank = rank_of(step->document.object);
      return step->action == Action::removed ? 100 - rank : rank;
    };
    return place(a) < place(b);
  });
  storage::Batch batch;
  std::vector<std::uint32_t> partitions;
  const auto now = base::to_us(context.deps.clock.now());
  for (auto* step : order) {
    step->request_id = context.next_request_id++;
    step->pending = true;
    v1::NetworkIn record;
    record.set_received_us(now);
    auto& control = *record.mutable_control();
    control.set_request_id(step->request_id);
    control.set_actor("operator");
    *(step->action == Action::removed ? control.mutable_remove() : control.mutable_put()) = step->document.object;
    const auto value = record.SerializeAsString();
    for (const auto partition : step->partitions) {
      // The key is a slot of that partition.
      const char slot = static_cast<char>(static_cast<std::uint8_t>(partition));
      batch.append(storage::Topic::network_in, partition, {}, std::string_view(&slot, 1), value);
      partitions.push_back(partition);
    }
  }
  std::map<std::uint32_t, storage::Offset> position;
  if (batch.empty()) return position;
  auto committed = context.deps.log.append(batch);
  if (!committed) return std::unexpected(committed.error());
  for (std::size_t i = 0; i < partitions.size() && i < committed->offsets.size(); ++i) {
    auto& highest = position[partitions[i]];
    highest = std::max(highest, committed->offsets[i]);
  }
  return position;
}

Response plan_response(const Plan& plan, bool dry_run, const std::map<std::uint32_t, storage::Offset>& position) {
  JsonWriter json;
  json.begin_object().key("dry_run").boolean(dry_run).key("position");
  position.empty() ? json.null() : json.text(positions_text(position));
  json.key("results").begin_array();
  for (const auto& step : plan.steps) {
    json.begin_object();
    json.key("kind").text(step.document.kind);
    json.key("name").text(step.document.name);
    json.key("action").text(action_name(step.action));
    json.key("changes").begin_array();
    for (const auto& change : step.changes) {
      json.begin_object()
          .key("field")
          .text(change.field)
          .key("from")
          .raw(change.from)
          .key("to")
          .raw(change.to)
          .end_object();
    }
    json.end_array().key("reason");
    step.reason.empty() ? json.null() : json.text(step.reason);
    if (step.pending && !dry_run) json.key("pending").boolean(true);
    json.end_object();
  }
  json.end_array().end_object();
  return {.body = json.take()};
}

Response document_errors_response(const std::vector<DocumentError>& errors) {
  JsonWriter json;
  json.begin_object().key("error").text("bad_document").key("message");
  const auto& first = errors.front();
  std::string message = "document " + std::to_string(first.index);
  if (!first.kind.empty()) message += " (" + first.kind + (first.name.empty() ? ")" : " " + first.name + ")");
  if (!first.field.empty()) message += ": " + first.field;
  json.text(message + ": " + first.message + "; nothing was applied").key("errors").begin_array();
  for (const auto& error : errors) {
    json.begin_object().key("index").number(error.index).key("kind").text(error.kind).key("name").text(error.name);
    json.key("field").text(error.field).key("message").text(error.message).end_object();
  }
  json.end_array().end_object();
  return {.status = 400, .body = json.take()};
}

Answer apply_documents(Context& context, std::string_view body, bool dry_run) {
  auto plan = make_plan(context, body);
  if (!plan) return error_response(plan.error());
  if (!plan->document_errors.empty()) return document_errors_response(plan->document_errors);
  if (dry_run) return plan_response(*plan, true, {});
  auto position = append_plan(context, *plan);
  if (!position) return error_response(position.error());
  if (position->empty()) return plan_response(*plan, false, *position);
  return std::make_unique<WaitForOutcomes>(context, std::move(*plan), std::move(*position));
}

}  // namespace lenne::api
