#include "app/program.hpp"

#include <exception>
#include <ostream>

#include "app/commands.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

int fail_usage(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return exit_code::usage;
}

int run_command(const std::vector<std::string>& words, const Tools& tools) {
    const auto chosen = choose_command(words);
    if (!chosen) return fail_usage(tools, chosen.error());
    const Command& command = *chosen->command;
    const auto options = parse_options(command, chosen->rest);
    if (!options) return fail_usage(tools, options.error());
    if (options->help_wanted()) {
        print_command_help(tools.context.out, command);
        return exit_code::success;
    }
    return command.run(*options, tools);
}

int run_words(const std::vector<std::string>& words, const Tools& tools) {
    if (words.empty()) {
        print_overview(tools.context.err);
        return exit_code::usage;
    }
    if (words[0] == "--version") {
        tools.context.out << "signalbox " << SIGNALBOX_VERSION << '\n';
        return exit_code::success;
    }
    if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
        const auto printed = print_help(tools.context.out, {words.begin() + 1, words.end()});
        return printed ? exit_code::success : fail_usage(tools, printed.error());
    }
    if (words[0].starts_with("-")) {
        return fail_usage(tools, Error{"usage",
                                       "the first word is the command; its options come "
                                       "after it (see: signalbox --help)"});
    }
    return run_command(words, tools);
}

}  // namespace

int run_program(const std::vector<std::string>& words, const Tools& tools) {
    try {
        return run_words(words, tools);
    } catch (const std::exception& fault) {
        print_error(tools.context.err,
                    Error{"fault", std::string("a fault in signalbox itself: ") + fault.what()});
        return exit_code::failure;
    }
}

}  // namespace signalbox::app
