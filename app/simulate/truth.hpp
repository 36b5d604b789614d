#pragma once
// What really happened in a simulated region, as JSON lines: {"type":"uplink",…} for each frame that a gateway heard,
// and
// {"type":"ack",…} when the server acknowledged it first. Written line by line, so that a killed server loses nothing
// of it.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/simulate/virtual_device.hpp"
#include "base/error.hpp"

namespace lenne::app::simulate {

class Truth {
 public:
  /// An empty path writes nothing. Error: truth_file.
  [[nodiscard]] static base::Result<Truth> open(const std::filesystem::path& file);

  void uplink(const DevicePlan& device, const Transmission& transmission, std::size_t gateways);
  void acknowledged(const DevicePlan& device, std::uint32_t f_cnt);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace lenne::app::simulate
