#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/options.hpp"

/// The commands of the program: one table for parsing, help and what is run.
namespace signalbox::app {

const std::vector<Command>& commands();

/// Which command the words begin with, and the words that are left for it.
struct Chosen {
    const Command* command = nullptr;
    std::vector<std::string> rest;
};

/// `runs` and `plugins` alone, or followed by an option, mean their `list`. Error `usage`, with a
/// nearest command.
Result<Chosen> choose_command(const std::vector<std::string>& words);

void print_overview(std::ostream& out);
void print_command_help(std::ostream& out, const Command& command);
/// For the words after `help`; `runs` shows each of its commands. Error `usage`.
Result<Done> print_help(std::ostream& out, const std::vector<std::string>& words);

}  // namespace signalbox::app
