#include "app/import_command.hpp"

#include <catch2/catch.hpp>

#include "app/files.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

ImportedAction action(const std::string& identifier, ImportedAction::Fate fate) {
    ImportedAction made;
    made.identifier = identifier;
    made.file = "export.json";
    made.line = 3;
    made.column = 5;
    made.fate = fate;
    if (fate != ImportedAction::Fate::refused)
        made.document = "{\"identifier\":\"" + identifier + "\"}";
    return made;
}

/// A program whose core finds `actions` in every file.
test::Program finding(std::vector<ImportedAction> actions) {
    test::Program program;
    program.core.import_port = [actions](const std::filesystem::path&) {
        return ImportReport{{}, actions};
    };
    return program;
}

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

using Fate = ImportedAction::Fate;

}  // namespace

TEST_CASE("app: import port writes what loads, each action in a file of its own", "[app]") {
    const test::Directory directory;
    auto program = finding({action("a", Fate::works), action(".b", Fate::works)});
    const auto ended = program.run({"import", "port", "export.json"});
    CHECK(ended.code == exit_code::success);
    CHECK(read("actions/a.json") == "{\n  \"identifier\": \"a\"\n}\n");
    CHECK(std::filesystem::exists("actions/_.b.json"));
    CHECK(contains(ended.out, "export.json:3:5: a: works\n"));
    CHECK(contains(ended.out, "written: actions/a.json\n"));
    CHECK(contains(ended.out, "2 documents: 2 work, 0 unavailable, 0 refused\n"
                              "next: do what is listed, have `actions: actions/*` in signalbox.yaml, and "
                              "run signalbox check\n"));
}

TEST_CASE("app: import port exits 1 where a document does not work, and says why", "[app]") {
    const test::Directory directory;
    ImportedAction refused = action("r", Fate::refused);
    refused.findings = {{true, "export.json", 9, 2, "no", "export.json:9:2: error: no"}};
    ImportedAction unavailable = action("u", Fate::unavailable);
    unavailable.notes = {{"ignored", 1, 1, "icon"},
                         {"ignored", 1, 1, "an input's icon (2 times)"},
                         {"to do", 4, 6, "fill in the name"}};
    auto program = finding({refused, unavailable});
    const auto ended = program.run({"import", "port", "export.json", "--to", "out"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.out, "export.json:3:5: r: refused\nexport.json:9:2: error: no\n"));
    CHECK(contains(ended.out, "  to do: 4:6: fill in the name\n"));
    CHECK(contains(ended.out, "  ignored: icon, an input's icon (2 times)\n"));
    CHECK(contains(ended.out, "2 documents: 0 work, 1 unavailable, 1 refused\n"));
    CHECK(std::filesystem::exists("out/u.json"));
    CHECK_FALSE(std::filesystem::exists("out/r.json"));
}

TEST_CASE("app: import port writes nothing where a file is there already", "[app]") {
    const test::Directory directory;
    std::filesystem::create_directory("actions");
    directory.write("actions/b.json", "mine");
    auto program = finding({action("a", Fate::works), action("b", Fate::works)});
    const auto refused = program.run({"import", "port", "export.json"});
    CHECK(refused.code == exit_code::usage);
    CHECK(contains(refused.err, "'actions/b.json' is there already"));
    CHECK_FALSE(std::filesystem::exists("actions/a.json"));
    CHECK(read("actions/b.json") == "mine");
    CHECK(program.run({"import", "port", "export.json", "--force"}).code == exit_code::success);
    CHECK(contains(read("actions/b.json"), "\"b\""));
}

TEST_CASE("app: an action that several files have is written once", "[app]") {
    const test::Directory directory;
    auto program = finding({action("a", Fate::works)});
    const auto ended = program.run({"import", "port", "one.json", "two.json"});
    CHECK(ended.code == exit_code::failure);
    CHECK(
        contains(ended.out, "error: the action 'a' stands twice; the first is at export.json:3:5"));
    CHECK(contains(ended.out, "2 documents: 1 work, 0 unavailable, 1 refused\n"));
}

TEST_CASE("app: a file that cannot be imported makes import port exit 2", "[app]") {
    const test::Directory directory;
    test::Program program;
    program.core.import_port = [](const std::filesystem::path& file) {
        return ImportReport{{{true, file.string(), 1, 1, "no", file.string() + ":1:1: error: no"}},
                            {}};
    };
    const auto ended = program.run({"import", "port", "x.json"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "x.json:1:1: error: no\n"));
    CHECK(contains(program.run({"import", "port"}).err, "FILE is missing"));
    CHECK(program.run({"import", "backstage", "x.json"}).code == exit_code::usage);
}

TEST_CASE("app: import port prints what it found as JSON for programs", "[app]") {
    const test::Directory directory;
    ImportedAction unavailable = action("u", Fate::unavailable);
    unavailable.findings = {{false, "export.json", 9, 2, "no \"x\"", "t"}};
    unavailable.notes = {{"to do", 4, 6, "n"}};
    auto program = finding({unavailable});
    const auto ended = program.run({"import", "port", "export.json", "--json"});
    CHECK(ended.code == exit_code::failure);
    CHECK(ended.out ==
          "{\"ok\":false,\"actions\":[{\"identifier\":\"u\",\"file\":\"export.json\",\"line\":3,"
          "\"column\":5,\"fate\":\"unavailable\",\"findings\":[{\"severity\":\"warning\",\"file\":"
          "\"export.json\",\"line\":9,\"column\":2,\"message\":\"no \\\"x\\\"\"}],\"notes\":[{"
          "\"kind\":\"to do\",\"line\":4,\"column\":6,\"message\":\"n\"}],\"written\":"
          "\"actions/u.json\"}],\"findings\":[],\"works\":0,\"unavailable\":1,\"refused\":0}\n");
}
