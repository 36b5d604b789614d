#include "app/commands/command.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace lenne::app {

void ServerOptions::add_to(Command command) {
  command.value("--server", server, "The server's address").from_environment("LENNE_SERVER").shown();
  command.value("--token", token, "Operator or tenant token").from_environment("LENNE_TOKEN");
  command.flag("--json", json, "Print JSON");
}

int refuse(const base::Error& error, bool json) {
  if (json) {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"error", error.code}, {"message", error.message}}));
  }
  fmt::print(stderr, "lenne: {} ({})\n", error.message, error.code);
  return kRefused;
}

base::Error error_of(const HttpResponse& response) {
  boost::json::error_code problem;
  const auto value = boost::json::parse(response.body, problem);
  if (!problem && value.is_object()) {
    const auto& object = value.get_object();
    const auto* code = object.if_contains("error");
    const auto* message = object.if_contains("message");
    if (code != nullptr && code->is_string() && message != nullptr && message->is_string()) {
      return {std::string(code->get_string()), std::string(message->get_string())};
    }
  }
  return {"http", fmt::format("the server answered {}", response.status)};
}

}  // namespace lenne::app
