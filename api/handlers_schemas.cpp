#include <google/protobuf/descriptor.pb.h>

#include <set>

#include "api/handlers.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::api {
namespace {

void add(const google::protobuf::FileDescriptor& file, std::set<std::string>& known,
         google::protobuf::FileDescriptorSet& files) {
  if (!known.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) add(*file.dependency(i), known, files);
  file.CopyTo(files.add_file());
}

}  // namespace

Answer get_schemas(Context&, const Request&, const Caller&) {
  google::protobuf::FileDescriptorSet files;
  std::set<std::string> known;
  for (const auto* message : {v1::DeviceEvent::descriptor(), v1::Measurement::descriptor(), v1::Aggregate::descriptor(),
                              v1::DownlinkCommand::descriptor(), v1::Alert::descriptor()})
    add(*message->file(), known, files);
  return Response{.content_type = "application/protobuf", .body = files.SerializeAsString()};
}

}  // namespace lenne::api
