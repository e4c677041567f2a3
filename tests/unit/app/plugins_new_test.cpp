#include "app/plugins_new.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

namespace fs = std::filesystem;

std::string read(const std::string& name) {
    std::ifstream in(name);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("app: plugins new writes the template under its new name", "[app]") {
    const test::Directory directory;
    test::Program program;
    const auto ended = program.run({"plugins", "new", "my-tool"});
    CHECK(ended.code == exit_code::success);
    CHECK(contains(ended.out, "my-tool/plugin.cpp"));
    CHECK(contains(ended.out, "ctest --test-dir build"));
    CHECK(contains(read("my-tool/CMakeLists.txt"),
                   "signalbox_add_plugin(my-tool SOURCES plugin.cpp)"));
    CHECK(contains(read("my-tool/CMakeLists.txt"), "project(signalbox_my_tool_plugin"));
    const std::string code = read("my-tool/plugin.cpp");
    CHECK(contains(code, "\"id\": \"my-tool\""));
    CHECK(contains(code, "\"MY_TOOL\": {"));
    CHECK(contains(code, "class MyToolPlugin final : public Target"));
    CHECK(contains(read("my-tool/README.md"), "signalbox_my_tool.so"));
    for (const char* file : {"CMakeLists.txt", "plugin.cpp", "README.md"}) {
        const std::string text = read(std::string("my-tool/") + file);
        CHECK_FALSE(contains(text, "acme"));
        CHECK_FALSE(contains(text, "Acme"));
    }
}

TEST_CASE("app: plugins new refuses bad names and never writes over anything", "[app]") {
    const test::Directory directory;
    test::Program program;
    for (const std::string& name : {std::string("Acme"), std::string("../x"), std::string("1a"),
                                    std::string("a_b"), std::string("a-"), std::string(65, 'a')}) {
        const auto ended = program.run({"plugins", "new", name});
        CHECK(ended.code == exit_code::usage);
        CHECK(contains(ended.err, "no plugin's name"));
        CHECK_FALSE(fs::exists(name));
    }
    CHECK(program.run({"plugins", "new", std::string(64, 'a')}).code == exit_code::success);
    fs::create_directory("there");
    const auto ended = program.run({"plugins", "new", "there"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "is there already"));
    CHECK(fs::is_empty("there"));
}
