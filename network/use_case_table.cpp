#include "network/use_case_table.hpp"

#include <utility>

#include "network/row_check.hpp"
#include "processing/derived/derive.hpp"

namespace lenne::network {
namespace {

[[nodiscard]] std::string use_case_row_key(std::string_view name) {
  return std::string(1, UseCaseTable::kPrefix).append(name);
}

}  // namespace

const UseCaseTable::Known* UseCaseTable::find(std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto found = use_cases_.find(name);
  return found == use_cases_.end() ? nullptr : &found->second;
}

bool UseCaseTable::room_for(std::string_view name, std::size_t most) const {
  return use_cases_.size() < most || use_cases_.contains(name);
}

bool UseCaseTable::put(const v1::UseCase& use_case) {
  auto& known = use_cases_[use_case.name()];
  // No maps in it: the same rules have the same bytes.
  if (known.definition.SerializeAsString() == use_case.SerializeAsString()) return false;
  known = {use_case, processing::derived::fingerprint_of(use_case)};
  changed_.push_back(use_case.name());
  return true;
}

bool UseCaseTable::remove(std::string_view name) {
  const auto found = use_cases_.find(name);
  if (found == use_cases_.end()) return false;
  use_cases_.erase(found);
  changed_.emplace_back(name);
  return true;
}

void UseCaseTable::flush(storage::Batch& out, std::uint32_t partition) {
  for (const auto& name : std::exchange(changed_, {})) {
    if (const auto* known = find(name)) {
      out.put(storage::Store::network, partition, use_case_row_key(name), known->definition.SerializeAsString());
    } else {
      out.erase(storage::Store::network, partition, use_case_row_key(name));
    }
  }
}

bool UseCaseTable::load_row(std::string_view key, std::string_view value) {
  v1::UseCase row;
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())) || !is_sound(row) ||
      use_case_row_key(row.name()) != key)
    return false;
  auto name = row.name();
  const auto fingerprint = processing::derived::fingerprint_of(row);
  use_cases_.insert_or_assign(std::move(name), Known{std::move(row), fingerprint});
  return true;
}

}  // namespace lenne::network
