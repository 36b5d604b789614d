// Rules about every record and row.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "checkers.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_state.pb.h"

namespace lenne::sim {
namespace {

/// Every row of every store.
template <typename Visit>
void each_row(const Evidence& evidence, const Visit& visit) {
  const auto& state = evidence.host.log().state();
  for (const auto& info : storage::kStores) {
    for (std::uint32_t p = 0; p < evidence.scenario.partitions; ++p) {
      const auto scanned = state.scan(info.store, p, {}, {}, [&](std::string_view key, std::string_view value) {
        visit(info, p, key, value);
        return true;
      });
      if (!scanned) visit(info, p, "unreadable", scanned.error().message);
    }
  }
}

/// No key of any device, in clear, in any record or row.
class NoKeyInClear final : public Checker {
 public:
  std::string_view rule() const override { return "no key in clear"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    const KeyFinder finder(evidence.facts.keys);
    for (const auto& record : evidence.records) {
      if (finder.in(record.value) || finder.in(record.key))
        findings.say(fmt::format("in a record of {}", storage::info_of(record.topic).name));
    }
    each_row(evidence,
             [&](const storage::StoreInfo& info, std::uint32_t, std::string_view key, std::string_view value) {
               if (finder.in(value) || finder.in(key)) findings.say(fmt::format("in a row of {}", info.name));
             });
  }

 private:
  /// Looks for many 16-byte texts at once: two bytes tell nearly always that there is none.
  class KeyFinder {
   public:
    explicit KeyFinder(const std::vector<base::crypto::Key128>& keys) : starts_(65'536, false) {
      for (const auto& key : keys) {
        const auto text = base::as_text(key.bytes);
        starts_[start_of(text)] = true;
        keys_.emplace(text);
      }
    }
    [[nodiscard]] bool in(std::string_view bytes) const {
      for (std::size_t i = 0; i + 16 <= bytes.size(); ++i) {
        if (starts_[start_of(bytes.substr(i, 2))] && keys_.contains(std::string(bytes.substr(i, 16)))) return true;
      }
      return false;
    }

   private:
    static std::size_t start_of(std::string_view text) { return base::read_be<std::uint16_t>(base::as_bytes(text)); }
    std::vector<bool> starts_;
    std::set<std::string> keys_;
  };
};

/// A device's tenant, or that of a gateway, whose airtime is measured.
[[nodiscard]] std::optional<std::string_view> owner_of(const Evidence& evidence, std::uint64_t eui) {
  if (const auto* plan = evidence.device(eui)) return plan->tenant;
  const auto& gateways = evidence.scenario.gateways;
  const auto found = std::ranges::find(gateways, eui, [](const GatewayPlan& plan) { return plan.id.value; });
  return found == gateways.end() ? std::nullopt : std::optional<std::string_view>(found->tenant);
}

/// Whatever names a device or gateway carries its tenant, in the record and as its label.
class OwnTenant final : public Checker {
 public:
  std::string_view rule() const override { return "a record carries its device's tenant"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    const auto judge = [&](std::string_view what, std::uint64_t eui, std::string_view label, std::string_view tenant) {
      const auto owner = owner_of(evidence, eui);
      if (!owner) return findings.say(fmt::format("{} of a device that nobody has", what));
      if (tenant != *owner || label != tenant)
        findings.say(
            fmt::format("{} of {}: tenant {}, label {}", what, base::to_hex(base::DevEui{eui}), tenant, label));
    };
    for (const auto& [partition, offset, label, event] : evidence.events) {
      if (event.dev_eui() == 0) continue;
      // What a stranger was refused is told to whom it named.
      if (event.has_log() && event.log().request_id() != 0) continue;
      judge("an event", event.dev_eui(), label, event.tenant());
    }
    for (const auto& [partition, offset, label, downlink] : evidence.downlinks)
      judge("a downlink", downlink.dev_eui(), downlink.tenant(), downlink.tenant());
    for (const auto& record : evidence.records) {
      if (record.topic == storage::Topic::measurement) {
        v1::Measurement measurement;
        if (measurement.ParseFromString(record.value) && !measurement.tick())
          judge("a measurement", measurement.dev_eui(), record.tenant, measurement.tenant());
      }
      if (record.topic == storage::Topic::aggregate && !record.tombstone) {
        v1::Aggregate aggregate;
        if (aggregate.ParseFromString(record.value))
          judge("an aggregate", aggregate.dev_eui(), record.tenant, aggregate.tenant());
      }
    }
  }
};

/// Everything is bounded, and everything ends: rows stay small, no downlink waits for ever, nothing is unreadable.
class Bounded final : public Checker {
 public:
  std::string_view rule() const override { return "bounds hold"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    constexpr std::size_t kMostRow = 64 * 1024;
    constexpr int kMostKept = 4;
    for (const auto& text : evidence.unreadable) findings.say("unreadable: " + text);
    for (const auto& record : evidence.records) {
      if (record.topic == storage::Topic::dead_letter) findings.say("a record in dead-letter, although all were good");
    }
    each_row(evidence, [&](const storage::StoreInfo& info, std::uint32_t, std::string_view, std::string_view value) {
      if (value.size() > kMostRow) findings.say(fmt::format("a row of {} has {} bytes", info.name, value.size()));
      if (info.store != storage::Store::device) return;
      v1::NetworkDevice row;
      if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())))
        return findings.say("a device row that is none");
      if (row.transmissions_size() > kMostKept) findings.say("more transmissions than are kept");
      // A class C device with a long queue may still be at it.
      if (row.downlinks_size() > 0 && row.queue().empty() && !row.has_carried())
        findings.say(fmt::format("{} still waits for the fate of a downlink", row.device().name()));
    });
  }
};

/// Devices, gateways and the host tell their own troubles.
class NobodyComplains final : public Checker {
 public:
  std::string_view rule() const override { return "devices and gateways get what the specification promises"; }
  void check(const Evidence& evidence, Findings& findings) const override {
    for (const auto& text : evidence.facts.problems) findings.say(text);
  }
};

}  // namespace

void add_record_checkers(std::vector<std::unique_ptr<Checker>>& checkers) {
  checkers.push_back(std::make_unique<NoKeyInClear>());
  checkers.push_back(std::make_unique<OwnTenant>());
  checkers.push_back(std::make_unique<Bounded>());
  checkers.push_back(std::make_unique<NobodyComplains>());
}

}  // namespace lenne::sim
