#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signalbox/result.hpp"

/// What a command accepts, and what was given. One table (command_table.cpp) is both parsed by and
/// printed as help, so the two cannot differ. Not Poco::Util::OptionProcessor: it takes `-abc`
/// after `--signature` for an option, and a signature may begin with `-`.
namespace signalbox::app {

struct Tools;
class Options;

struct Option {
    std::string_view name;    ///< without dashes
    std::string_view value;   ///< what it takes, in capitals; empty: a switch
    std::string_view help;    ///< one line
    char letter = 0;          ///< short form, or 0
    bool repeatable = false;  ///< may be given more than once
};

struct Argument {
    std::string_view name;  ///< in capitals
    bool required = true;
    bool repeatable = false;  ///< takes all that follow; the last one only
};

struct Command {
    std::string_view name;     ///< `invoke`, `runs show`
    std::string_view summary;  ///< one line
    std::vector<Argument> arguments;
    std::vector<Option> options;
    std::vector<std::string_view> examples;
    std::vector<std::string_view>
        notes;  ///< exit codes and what else a person must know; whole lines
    /// Returns the exit code.
    int (*run)(const Options&, const Tools&) = nullptr;
};

/// The options and arguments of one call, checked against the command's table.
class Options {
  public:
    bool has(std::string_view name) const { return value(name).has_value(); }
    /// The value as given; for a switch that is set an empty string.
    std::optional<std::string> value(std::string_view name) const;
    std::vector<std::string> values(std::string_view name) const;
    std::string value_or(std::string_view name, std::string_view otherwise) const;
    const std::vector<std::string>& arguments() const { return arguments_; }
    bool help_wanted() const { return help_wanted_; }

  private:
    friend class OptionParser;
    std::vector<std::pair<std::string_view, std::string>> given_;
    std::vector<std::string> arguments_;
    bool help_wanted_ = false;
};

/// `--key VALUE`, `--key=VALUE`, `-k VALUE`; a value may begin with `-`; `--` ends the options; `-`
/// alone is an argument. `--help` and `-h` are accepted for every command, and nothing is required
/// beside them. Error `usage`; its message never holds the value of an option. `command` must
/// outlive the result.
Result<Options> parse_options(const Command& command, const std::vector<std::string>& words);

}  // namespace signalbox::app
