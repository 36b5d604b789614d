#pragma once
// The command line of a command. CLI11 is compiled in arguments.cpp alone: it takes each file that sees it many
// seconds.

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lenne::app {

// Exit codes.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;

/// An argument that was declared. Each call says more of it.
class Argument {
 public:
  explicit Argument(CLI::Option* option) : option_(option) {}

  Argument required() const;
  /// --help shows the value that it has now.
  Argument shown() const;
  Argument from_environment(const char* name) const;
  Argument one_of(std::vector<std::string> words) const;
  Argument between(int least, int most) const;
  Argument between(double least, double most) const;
  Argument existing() const;
  Argument existing_file() const;
  Argument existing_directory() const;
  Argument needs(Argument other) const;
  Argument excludes(Argument other) const;
  /// Several values in one text, a comma between them.
  Argument with_commas() const;
  /// One value each time, taken as it is: "--set a=1 --set b=[x,y]".
  Argument repeated() const;

  /// Whether it was given, once all was read.
  [[nodiscard]] bool given() const;

 private:
  CLI::Option* option_;
};

/// A command while it is declared. What it refers to must live until it has run.
class Command {
 public:
  Command(CLI::App* app, int* exit_code) : app_(app), exit_code_(exit_code) {}

  Command subcommand(const char* name, const char* about) const;
  /// `into`: std::string, std::uint16_t, std::uint32_t or an optional of one, std::uint64_t, double, or a vector of
  /// std::string or std::filesystem::path. A name that begins with no dash is a place in the line.
  template <typename Value>
  Argument value(const char* name, Value& into, const char* about) const;
  Argument flag(const char* name, bool& into, const char* about) const;
  /// What it does; returns the exit code. Without it one of its subcommands must be given.
  void runs(std::function<int()> action) const;

 private:
  CLI::App* app_;
  int* exit_code_;
};

/// Says what is missing on standard error; returns kWrongUsage.
int wrong_usage(const std::string& missing);

/// The whole program.
class CommandLine {
 public:
  CommandLine(const char* name, const char* about, const char* version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] Command root();
  /// Reads the line and runs the command that it names. Returns the exit code.
  int run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_code_ = kDone;
};

}  // namespace lenne::app
