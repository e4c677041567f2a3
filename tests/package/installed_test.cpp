// The installed package, used as its consumers use it.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "package.hpp"

using namespace signalbox::test;

namespace {

const std::string kExample = SIGNALBOX_SOURCE_DIR "/examples/embedded_host";

/// What the compiler was told that is not ours: defines, and include folders outside of `prefix`.
std::string foreign_words(const std::string& command, const std::string& prefix) {
    std::istringstream words(command);
    std::string foreign;
    for (std::string word; words >> word;) {
        const bool include = word.rfind("-I", 0) == 0 || word == "-isystem";
        if (word == "-isystem") words >> word;
        if (include && word.find(prefix) == std::string::npos) foreign += word + "\n";
        if (word.rfind("-D", 0) == 0) foreign += word + "\n";
    }
    return foreign;
}

const std::string kReadme = SIGNALBOX_SOURCE_DIR "/README.md";
const std::string kDocs = SIGNALBOX_SOURCE_DIR "/docs/embedding.md";
const std::string kByConfig = SIGNALBOX_SOURCE_DIR "/examples/azure_by_config";

std::string file_text(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// What stands between `open` and the next fence.
std::string block(const std::string& file, const std::string& open) {
    const std::string text = file_text(file);
    const std::size_t at = text.find(open);
    REQUIRE(at != std::string::npos);
    const std::size_t begin = at + open.size();
    return text.substr(begin, text.find("```", begin) - begin);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("package: a consumer of the installed package configures and builds and runs",
          "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    const std::string built = (folder.path() / "build").string();
    install(prefix, {"sdk", "core"});
    build(kExample, built, {"-DCMAKE_PREFIX_PATH=" + prefix});
    CHECK(foreign_words(compile_command(built), prefix) == "");
    check_release_tool(built + "/release_tool");
}

TEST_CASE("package: pkg-config compiles and links the same program", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk", "core"});
    const std::map<std::string, std::string> path = {
        {"PKG_CONFIG_PATH", prefix + "/" SIGNALBOX_LIBDIR "/pkgconfig"}};
    const std::string flags = must_run({SIGNALBOX_PKG_CONFIG, "--cflags", "signalbox-core"}, path);
    CHECK(foreign_words(flags, prefix) == "");
    const std::string program = (folder.path() / "release_tool").string();
    must_run(
        {"/bin/sh", "-c",
         SIGNALBOX_CXX " -std=c++17 " SIGNALBOX_SANITIZER " '" + kExample + "/main.cpp' -o '" +
             program + "' $(" SIGNALBOX_PKG_CONFIG " --static --cflags --libs signalbox-core)"},
        path);
    check_release_tool(program);
}

TEST_CASE("package: the lines that README and docs/embedding.md show are a program that works",
          "[package]") {
    const std::string shown = block(kDocs, "```cpp\n");
    CHECK(block(kReadme, "### 3. Embed the core\n\n```cpp\n") == shown);
    World world;
    world.start_standin();  // it has no such webhook, so the run ends without a pipeline
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk", "core"});
    const std::size_t first_line_end = shown.find('\n');
    folder.write("main.cpp", "#include <iostream>\n" + shown.substr(0, first_line_end) +
                                 "\nint main() {" + shown.substr(first_line_end) + "}\n");
    folder.write("CMakeLists.txt",
                 "cmake_minimum_required(VERSION 3.22)\nproject(my_tool LANGUAGES CXX)\n"
                 "add_executable(my_tool main.cpp)\n" +
                     block(kDocs, "```cmake\n"));
    const std::string built = (folder.path() / "build").string();
    build(folder.path().string(), built, {"-DCMAKE_PREFIX_PATH=" + prefix});

    std::string config = file_text(kByConfig + "/signalbox.yaml");
    replace(config, "listen: 127.0.0.1:8080", "listen: 127.0.0.1:0");
    replace(config, "organization: contoso", "organization: contoso\n      base_url: " +
                                                 world.standin_url() + "/contoso");
    replace(config, "    limits:", "    egress: { allow: [127.0.0.0/8] }\n    limits:");
    folder.write("signalbox.yaml", config);
    folder.write("actions/deploy_service.yaml", file_text(kByConfig + "/actions/deploy_service.yaml"));
    const std::string said = must_run({"/bin/sh", "-c", "cd '" + folder.path().string() + "' && build/my_tool"},
                                      {{"AZURE_WEBHOOK_SECRET", "azure-secret"},
                                       {"PORTAL_SECRET", "a-long-enough-secret"},
                                       {"PIPELINE_SECRET", "another-long-enough-secret"},
                                       {"SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR}});
    CHECK_THAT(said, Catch::Matchers::StartsWith("r_") && Catch::Matchers::EndsWith(" FAILURE\n"));
}

TEST_CASE("package: a plugin is built with the sdk component alone", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    folder.write("plugin/plugin.cpp", R"cpp(
#include <signalbox/plugin/target.hpp>
using namespace signalbox::plugin;
struct Acme final : Target {
    Acme(std::string_view, Host) {}
    Plan plan(const Run&, const State&) override { return Plan::done(); }
    Verdict judge(const Run&, const State&, const Response&) override { return Verdict::accepted(""); }
};
SIGNALBOX_PLUGIN(Acme, R"({"abi": {"major": 1, "minor": 0}, "id": "acme", "version": "1.0.0",
  "license": "Apache-2.0", "description": "does nothing", "invocation_types": {"ACME": {"type": "object"}},
  "settings": {"type": "object"}, "capabilities": []})")
)cpp");
    folder.write("plugin/CMakeLists.txt", R"(
cmake_minimum_required(VERSION 3.22)
project(acme LANGUAGES CXX)
find_package(signalbox 0.1 REQUIRED COMPONENTS sdk)
signalbox_add_plugin(acme SOURCES plugin.cpp)
)");
    const std::string built = (folder.path() / "build").string();
    build((folder.path() / "plugin").string(), built, {"-DCMAKE_PREFIX_PATH=" + prefix});
    const std::string said = must_run(
        {SIGNALBOX_BIN_DIR "/signalbox", "plugins", "inspect", built + "/signalbox_acme.so"});
    CHECK_THAT(said, Catch::Matchers::Contains("acme"));
    // The core is not there, and the package says so.
    folder.write("host/CMakeLists.txt", R"(
cmake_minimum_required(VERSION 3.22)
project(host LANGUAGES CXX)
find_package(signalbox QUIET COMPONENTS core)
if(signalbox_FOUND)
    message(FATAL_ERROR "found a core that is not installed")
endif()
message(STATUS "said: ${signalbox_NOT_FOUND_MESSAGE}")
)");
    const std::string refused =
        must_run({SIGNALBOX_CMAKE, "-G", "Ninja", "-S", (folder.path() / "host").string(), "-B",
                  (folder.path() / "host_build").string(), "-DCMAKE_PREFIX_PATH=" + prefix});
    CHECK_THAT(refused, Catch::Matchers::Contains("no component 'core'"));
}

TEST_CASE("package: another major version is not taken", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    folder.write("host/CMakeLists.txt", R"(
cmake_minimum_required(VERSION 3.22)
project(host LANGUAGES CXX)
find_package(signalbox 7.0 QUIET COMPONENTS sdk)
if(signalbox_FOUND)
    message(FATAL_ERROR "took it")
endif()
find_package(signalbox 0.1 REQUIRED COMPONENTS sdk)
)");
    must_run({SIGNALBOX_CMAKE, "-G", "Ninja", "-S", (folder.path() / "host").string(), "-B",
              (folder.path() / "build").string(), "-DCMAKE_PREFIX_PATH=" + prefix});
}
