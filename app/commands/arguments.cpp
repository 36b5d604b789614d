#include "app/commands/arguments.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace lenne::app {

Argument Argument::required() const { return Argument(option_->required()); }
Argument Argument::shown() const { return Argument(option_->capture_default_str()); }
Argument Argument::from_environment(const char* name) const { return Argument(option_->envname(name)); }
Argument Argument::one_of(std::vector<std::string> words) const {
  return Argument(option_->check(CLI::IsMember(std::move(words))));
}
Argument Argument::between(int least, int most) const { return Argument(option_->check(CLI::Range(least, most))); }
Argument Argument::between(double least, double most) const {
  return Argument(option_->check(CLI::Range(least, most)));
}
Argument Argument::existing() const { return Argument(option_->check(CLI::ExistingPath)); }
Argument Argument::existing_file() const { return Argument(option_->check(CLI::ExistingFile)); }
Argument Argument::existing_directory() const { return Argument(option_->check(CLI::ExistingDirectory)); }
Argument Argument::needs(Argument other) const { return Argument(option_->needs(other.option_)); }
Argument Argument::excludes(Argument other) const { return Argument(option_->excludes(other.option_)); }
Argument Argument::with_commas() const { return Argument(option_->delimiter(',')); }
Argument Argument::repeated() const {
  return Argument(option_->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->delimiter('\0'));
}
bool Argument::given() const { return option_->count() > 0; }

Command Command::subcommand(const char* name, const char* about) const {
  app_->require_subcommand(1);
  return {app_->add_subcommand(name, about), exit_code_};
}

template <typename Value>
Argument Command::value(const char* name, Value& into, const char* about) const {
  return Argument(app_->add_option(name, into, about));
}
template Argument Command::value(const char*, std::string&, const char*) const;
template Argument Command::value(const char*, std::uint16_t&, const char*) const;
template Argument Command::value(const char*, std::uint32_t&, const char*) const;
template Argument Command::value(const char*, std::uint64_t&, const char*) const;
template Argument Command::value(const char*, double&, const char*) const;
template Argument Command::value(const char*, std::optional<std::uint16_t>&, const char*) const;
template Argument Command::value(const char*, std::optional<std::uint32_t>&, const char*) const;
template Argument Command::value(const char*, std::vector<std::string>&, const char*) const;
template Argument Command::value(const char*, std::vector<std::filesystem::path>&, const char*) const;

Argument Command::flag(const char* name, bool& into, const char* about) const {
  return Argument(app_->add_flag(name, into, about));
}

void Command::runs(std::function<int()> action) const {
  app_->callback([action = std::move(action), exit_code = exit_code_] { *exit_code = action(); });
}

int wrong_usage(const std::string& missing) {
  fmt::print(stderr, "{} is required\nRun with --help for more information.\n", missing);
  return kWrongUsage;
}

CommandLine::CommandLine(const char* name, const char* about, const char* version)
    : app_(std::make_unique<CLI::App>(about, name)) {
  app_->set_version_flag("--version", version);
}
CommandLine::~CommandLine() = default;

Command CommandLine::root() { return {app_.get(), &exit_code_}; }

int CommandLine::run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app_->exit(help);
  } catch (const CLI::ParseError& problem) {
    app_->exit(problem);
    return kWrongUsage;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "lenne: {}\n", problem.what());
    return kRefused;
  }
  return exit_code_;
}

}  // namespace lenne::app
