#pragma once
// Rows as GeoJSON (RFC 7946): each a feature at its site; where that is not known, a null geometry.

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "api/context.hpp"
#include "api/json_writer.hpp"
#include "api/request.hpp"
#include "lenne/v1/control.pb.h"

namespace lenne::api {

/// Where sites lie, asked for once each. Lives no longer than the request.
class Sites {
 public:
  explicit Sites(const Context& context) : context_(context) {}

  [[nodiscard]] std::optional<v1::Location> location_of(const std::string& tenant, const std::string& site) {
    const auto key = std::pair{tenant, site};
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    auto location = context_.queries.site_location(tenant, site);
    return known_[key] = location ? *location : std::nullopt;
  }

 private:
  const Context& context_;
  std::map<std::pair<std::string, std::string>, std::optional<v1::Location>> known_;
};

class FeatureCollection {
 public:
  FeatureCollection() { json_.begin_object().key("type").text("FeatureCollection").key("features").begin_array(); }

  /// Adds a feature; `properties` writes the fields of its properties.
  template <typename Properties>
  void add(const std::optional<v1::Location>& location, Properties&& properties) {
    json_.begin_object().key("type").text("Feature").key("geometry");
    if (location) {
      json_.begin_object().key("type").text("Point").key("coordinates").begin_array();
      json_.real(location->longitude()).real(location->latitude()).end_array().end_object();
    } else {
      json_.null();
    }
    json_.key("properties").begin_object();
    properties(json_);
    if (location) json_.key("approximate").boolean(location->approximate());
    json_.end_object().end_object();
  }

  /// `next`: the cursor of the next page, in the header Lenne-Next.
  [[nodiscard]] Response response(const std::string& next) {
    json_.end_array().end_object();
    return page_of_type("application/geo+json", json_.take(), next);
  }

 private:
  JsonWriter json_;
};

}  // namespace lenne::api
