#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

TEST_CASE("app: setup prints the guide and a refusal is usage", "[app]") {
    test::Program program;
    program.core.setup = [](const auto&, const std::string& action) -> Result<std::string> {
        if (action == "deploy") return std::string("1. Do this.\n");
        return Error{"action_not_found", "no action '" + action + "'"};
    };
    const auto printed = program.run({"setup", "deploy", "--config", "c.yaml"});
    CHECK(printed.code == exit_code::success);
    CHECK(printed.out == "1. Do this.\n");
    const auto json = program.run({"setup", "deploy", "--json", "--config", "c.yaml"});
    CHECK(json.out == "{\"ok\":true,\"setup\":\"1. Do this.\\n\"}\n");
    const auto refused = program.run({"setup", "depoly", "--config", "c.yaml"});
    CHECK(refused.code == exit_code::usage);
    CHECK(contains(refused.err, "no action 'depoly'"));
}

TEST_CASE("app: doctor exits 1 where one probe is bad and says what to do", "[app]") {
    test::Program program;
    std::vector<Probe> probes = {{true, "clock", "plausible", ""}};
    program.core.doctor = [&](const auto&) { return probes; };
    CHECK(program.run({"doctor", "--config", "c.yaml"}).code == exit_code::success);
    probes.push_back({false, "journal", "full", "make room"});
    const auto bad = program.run({"doctor", "--config", "c.yaml"});
    CHECK(bad.code == exit_code::failure);
    CHECK(contains(bad.out, "BAD   journal: full\n      make room\n"));
    CHECK(contains(program.run({"doctor", "--json", "--config", "c.yaml"}).out, "\"ok\":false"));
}

TEST_CASE("app: the completion knows every command", "[app]") {
    test::Program program;
    const auto script = program.run({"completion"});
    CHECK(script.code == exit_code::success);
    for (const Command& command : commands()) {
        if (command.run == nullptr) continue;
        CHECK(
            contains(script.out, "'" + std::string(command.name) + " '*) words= options='--help"));
    }
    CHECK(contains(script.out, "complete -o filenames -F _signalbox signalbox"));
}
