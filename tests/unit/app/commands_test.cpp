#include "app/commands.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <set>
#include <sstream>

#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;
using Words = std::vector<std::string>;

namespace {

Words words_of(std::string_view text) {
    std::istringstream words{std::string(text)};
    return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

TEST_CASE("app: every command has help with its options and an example", "[app]") {
    test::Program program;
    std::size_t available = 0;
    for (const Command& command : commands()) {
        INFO(command.name);
        Words asked = {"help"};
        for (const std::string& word : words_of(command.name))
            asked.push_back(word);
        const auto ended = program.run(asked);
        CHECK(ended.code == exit_code::success);
        CHECK(contains(ended.out, "Usage: signalbox " + std::string(command.name)));
        if (command.run == nullptr) {
            CHECK(contains(ended.out, "Not in this version."));
            continue;
        }
        ++available;
        for (const Option& option : command.options) {
            INFO(option.name);
            CHECK(contains(ended.out, "--" + std::string(option.name)));
            CHECK_FALSE(option.help.empty());
        }
        CHECK_FALSE(command.examples.empty());
        Words by_option = words_of(command.name);
        by_option.push_back("--help");
        CHECK(program.run(by_option).out == ended.out);
    }
    CHECK(available == 22);
}

TEST_CASE("app: every command that prints a result prints it as JSON too, and names its exit codes",
          "[app]") {
    // What serve prints is its log, and a completion script is for a shell alone.
    const std::vector<std::string_view> without = {"serve", "completion"};
    for (const Command& command : commands()) {
        if (command.run == nullptr) continue;
        INFO(command.name);
        const bool json =
            std::any_of(command.options.begin(), command.options.end(),
                        [](const Option& option) { return option.name == "json"; });
        CHECK(json == (std::find(without.begin(), without.end(), command.name) == without.end()));
        std::string notes;
        for (const std::string_view note : command.notes)
            notes += note;
        CHECK(contains(notes, "xit code"));
    }
}

TEST_CASE("app: every example of the help parses", "[app]") {
    for (const Command& command : commands()) {
        for (const std::string_view example : command.examples) {
            INFO(example);
            // In a pipe, what follows it is ours; quotes do not occur in the examples.
            const std::size_t begin = example.rfind("signalbox ");
            REQUIRE(begin != example.npos);
            Words words = words_of(example.substr(begin));
            words.erase(words.begin());
            const auto chosen = choose_command(words);
            REQUIRE(chosen.ok());
            CHECK(chosen->command == &command);
            const auto parsed = parse_options(command, chosen->rest);
            CHECK((parsed.ok() ? "" : parsed.error().message) == "");
        }
    }
}

TEST_CASE("app: commands and their options have names of their own", "[app]") {
    std::set<std::string_view> names;
    for (const Command& command : commands()) {
        CHECK(names.insert(command.name).second);
        std::set<std::string_view> options;
        std::set<char> letters;
        for (const Option& option : command.options) {
            CHECK(options.insert(option.name).second);
            CHECK((option.letter == 0 || letters.insert(option.letter).second));
        }
    }
}

TEST_CASE("app: the overview lists what this version has", "[app]") {
    test::Program program;
    const auto ended = program.run({"--help"});
    CHECK(ended.code == exit_code::success);
    CHECK(contains(ended.out, "  serve  "));
    CHECK(contains(ended.out, "  runs redeliver  "));
    CHECK(program.run({"help"}).out == ended.out);
}

TEST_CASE("app: help of a group is that of its commands", "[app]") {
    test::Program program;
    const auto ended = program.run({"help", "runs"});
    CHECK(ended.code == exit_code::success);
    CHECK(contains(ended.out, "Usage: signalbox runs list"));
    CHECK(contains(ended.out, "Usage: signalbox runs cancel [ID]"));
    CHECK(program.run({"help", "nothing"}).code == exit_code::usage);
}

TEST_CASE("app: no command at all is a usage error with the overview", "[app]") {
    test::Program program;
    const auto ended = program.run({});
    CHECK(ended.code == exit_code::usage);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, "Usage: signalbox COMMAND"));
}

TEST_CASE("app: the version is printed", "[app]") {
    test::Program program;
    const auto ended = program.run({"--version"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out.starts_with("signalbox "));
    CHECK(ended.out.find_first_of("0123456789") != std::string::npos);
}

TEST_CASE("app: an unknown command is refused with the one that was meant", "[app]") {
    test::Program program;
    const auto [typed, meant] = GENERATE(table<std::string, std::string>(
        {{"srve", "'serve'"}, {"invok", "'invoke'"}, {"run", "'runs'"}, {"verfiy", "'verify'"}}));
    const auto ended = program.run({typed});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "there is no command '" + typed + "'; did you mean " + meant));
    CHECK(contains(program.run({"runs", "shwo"}).err, "did you mean 'runs show'?"));
    CHECK_FALSE(contains(program.run({"telephone"}).err, "did you mean"));
}

TEST_CASE("app: options before the command are refused", "[app]") {
    test::Program program;
    const auto ended = program.run({"--config", "x", "serve"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "the first word is the command"));
}

TEST_CASE("app: a group alone or with an option is its list", "[app]") {
    CHECK(choose_command({"runs"})->command->name == "runs list");
    CHECK(choose_command({"runs", "--limit", "5"})->rest == Words{"--limit", "5"});
    CHECK(choose_command({"plugins"})->command->name == "plugins list");
    CHECK(choose_command({"runs", "show", "r_1"})->rest == Words{"r_1"});
}

TEST_CASE("app: a fault in a command is reported and ends with 1", "[app]") {
    test::Program program;
    program.core.inspect_plugin = [](const auto&) -> Result<PluginInfo> {
        throw std::runtime_error("broken");
    };
    const auto ended = program.run({"plugins", "inspect", "x.so"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "a fault in signalbox itself: broken"));
}
