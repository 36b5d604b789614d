#pragma once
// Writes by operators: checked for what this step owns, then told on the control and keys topics.

#include <optional>
#include <string>

#include "base/error.hpp"
#include "lenne/v1/network_in.pb.h"
#include "network/step.hpp"

namespace lenne::network {

/// A write in the partition of its key. A device with fixed keys lives where its DevAddr's frames arrive: the partition
/// of its DevEUI tells the outcome and hands the device over.
void handle_control(Step& step, const v1::ControlRequest& request);

/// A new session with the same keys and address whose counters start at 0.
void restart_abp_session(Step& step, DeviceEntry& entry);

/// What is wrong with a device as far as this step can know. Errors: dev_eui_missing, tenant_name, name, region,
/// mac_version, reg_params, device_class, parameters, activation, root_keys, session_keys, dev_addr.
[[nodiscard]] base::Result<void> check_device(const Services& services, const v1::Device& device);
/// What is wrong with any other object. Errors: tenant_name, name, gateway_id_missing, location, use_case, parameters,
/// empty_object.
[[nodiscard]] base::Result<void> check_object(const v1::Object& object);
/// Bounds, numbers that can be scaled, lists in order. Errors: use_case, parameters.
[[nodiscard]] base::Result<void> check_use_case(const v1::UseCase& use_case);
/// At most 32 named numbers in order. Error: parameters.
[[nodiscard]] base::Result<void> check_parameters(const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters);

/// The key of an object on the control topic: "device/<hex>", "site/<tenant>/<name>" …
[[nodiscard]] std::string control_key_of(const v1::Object& object);
/// The tenant whom an object belongs to; empty: the operator.
[[nodiscard]] std::string tenant_of(const v1::Object& object);

}  // namespace lenne::network
