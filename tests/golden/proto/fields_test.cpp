// Field numbers and types are part of stored data: they may be added, never changed, never used again.

#include <fstream>
#include <set>
#include <string>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/command.pb.h"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/ingest.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "lenne/v1/recording.pb.h"
#include "lenne/v1/view.pb.h"

namespace lenne {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;

void add_message(const Descriptor& message, std::set<std::string>& lines) {
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    std::string type = field.type_name();
    if (field.message_type() != nullptr) type = field.message_type()->full_name();
    if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
    lines.insert(message.full_name() + " " + std::to_string(field.number()) + " " + field.name() + " " +
                 (field.is_repeated() ? "repeated " : "") + type);
  }
  for (int i = 0; i < message.nested_type_count(); ++i) add_message(*message.nested_type(i), lines);
}

void add_enum(const EnumDescriptor& type, std::set<std::string>& lines) {
  for (int i = 0; i < type.value_count(); ++i)
    lines.insert(type.full_name() + " " + std::to_string(type.value(i)->number()) + " " + type.value(i)->name());
}

std::set<std::string> lines_of(std::initializer_list<const FileDescriptor*> files) {
  std::set<std::string> lines;
  for (const auto* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) add_message(*file->message_type(i), lines);
    for (int i = 0; i < file->enum_type_count(); ++i) add_enum(*file->enum_type(i), lines);
  }
  return lines;
}

TEST(Records, keep_their_field_numbers_for_ever) {
  const auto now = lines_of(
      {v1::Aggregate::descriptor()->file(), v1::Device::descriptor()->file(), v1::DownlinkCommand::descriptor()->file(),
       v1::Alert::descriptor()->file(), v1::DeviceEvent::descriptor()->file(), v1::GatewayFrame::descriptor()->file(),
       v1::Measurement::descriptor()->file(), v1::NetworkIn::descriptor()->file(), v1::DeadLetter::descriptor()->file(),
       v1::NetworkPartition::descriptor()->file(), v1::AirtimeLedger::descriptor()->file(),
       v1::TenantView::descriptor()->file(), v1::RecordingEntry::descriptor()->file()});
  std::set<std::string> before;
  std::ifstream golden(LENNE_SOURCE_DIR "/tests/golden/proto/fields.txt");
  for (std::string line; std::getline(golden, line);) {
    if (!line.empty()) before.insert(line);
  }
  std::string added;
  for (const auto& line : now) {
    if (!before.contains(line)) added += line + "\n";
  }
  for (const auto& line : before) EXPECT_TRUE(now.contains(line)) << "changed or gone: " << line;
  EXPECT_TRUE(added.empty()) << "new fields: add these lines to tests/golden/proto/fields.txt\n" << added;
}

}  // namespace
}  // namespace lenne
