#include "app/commands.hpp"

#include <algorithm>
#include <ostream>

#include "app/text.hpp"

namespace signalbox::app {
namespace {

const Command* find_command(std::string_view name) {
    const auto& all = commands();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Command& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

bool is_group(std::string_view word) {
    return word == "runs" || word == "plugins" || word == "import";
}

Error unknown_command(const std::string& typed) {
    std::vector<std::string_view> accepted = {"help", "runs", "plugins", "import"};
    for (const Command& command : commands())
        accepted.push_back(command.name);
    const std::string_view meant = nearest(typed, accepted);
    std::string message = "there is no command '" + typed + "'";
    if (!meant.empty()) message += "; did you mean '" + std::string(meant) + "'?";
    return Error{"usage", message + " (see: signalbox --help)"};
}

std::string usage_line(const Command& command) {
    std::string line = "signalbox " + std::string(command.name);
    for (const Argument& argument : command.arguments) {
        const std::string name = std::string(argument.name) + (argument.repeatable ? "…" : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return command.options.empty() ? line : line + " [options]";
}

std::string option_column(const Option& option) {
    std::string text = option.letter == 0 ? "" : std::string{'-', option.letter, ',', ' '};
    text += "--" + std::string(option.name);
    return option.value.empty() ? text : text + " " + std::string(option.value);
}

}  // namespace

Result<Chosen> choose_command(const std::vector<std::string>& words) {
    const std::string& first = words.front();
    std::string name = first;
    std::size_t used = 1;
    if (is_group(first)) {
        const bool named = words.size() > 1 && !words[1].starts_with("-");
        name += named ? " " + words[1] : " list";
        used = named ? 2 : 1;
    }
    const Command* command = find_command(name);
    if (command == nullptr) return unknown_command(name);
    return Chosen{command, std::vector<std::string>(words.begin() + used, words.end())};
}

void print_overview(std::ostream& out) {
    out << "Signalbox checks, signs, records, delivers and follows self-service actions.\n\n"
           "Usage: signalbox COMMAND [options]\n\nCommands:\n";
    std::vector<std::vector<std::string>> rows;
    for (const Command& command : commands()) {
        rows.push_back({"  " + std::string(command.name), std::string(command.summary)});
    }
    print_table(out, rows);
    out << "\nOptions:\n  --help     this text; signalbox help COMMAND: that of one command\n"
           "  --version  the version of this program\n\nExamples:\n"
           "  signalbox check\n"
           "  signalbox serve --config signalbox.yaml\n"
           "  signalbox invoke deploy_service -i service=checkout --wait\n";
}

void print_command_help(std::ostream& out, const Command& command) {
    out << "Usage: " << usage_line(command) << "\n\n" << command.summary << ".\n";
    if (!command.options.empty()) {
        out << "\nOptions:\n";
        std::vector<std::vector<std::string>> rows;
        for (const Option& option : command.options) {
            rows.push_back({"  " + option_column(option), std::string(option.help)});
        }
        print_table(out, rows);
    }
    out << "\nExamples:\n";
    for (const std::string_view example : command.examples)
        out << "  " << example << '\n';
    if (!command.notes.empty()) out << '\n';
    for (const std::string_view note : command.notes)
        out << note;
}

Result<Done> print_help(std::ostream& out, const std::vector<std::string>& words) {
    if (words.empty()) {
        print_overview(out);
        return Done{};
    }
    if (is_group(words.front()) && words.size() == 1) {
        for (const Command& command : commands()) {
            if (!command.name.starts_with(words.front() + " ")) continue;
            print_command_help(out, command);
            out << '\n';
        }
        return Done{};
    }
    const auto chosen = choose_command(words);
    if (!chosen) return chosen.error();
    print_command_help(out, *chosen->command);
    return Done{};
}

}  // namespace signalbox::app
