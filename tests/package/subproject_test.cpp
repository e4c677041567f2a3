// This tree inside another one, and as a shared library: each builds the core anew.
#include <catch2/catch.hpp>
#include <sstream>

#include "package.hpp"

using namespace signalbox::test;

namespace {

/// A compiler cache, if there is one, saves minutes here; without one it only takes longer.
std::vector<std::string> quick(std::vector<std::string> entries) {
    entries.push_back("-DCMAKE_BUILD_TYPE=None");
    if (run({"/bin/sh", "-c", "command -v ccache"}).code == 0)
        entries.push_back("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache");
    return entries;
}

/// The names that a shared library shows, without the C++ runtime's weak copies.
std::string foreign_symbols(const std::string& library) {
    std::istringstream lines(must_run({SIGNALBOX_NM, "-D", "-C", "--defined-only", library}));
    std::string foreign;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("signalbox::") == std::string::npos) foreign += line + "\n";
        for (const char* room :
             {"signalbox::journal", "signalbox::net", "signalbox::config", "signalbox::runs",
              "signalbox::dispatch", "signalbox::json", "::Impl::", "::Shared::"}) {
            if (line.find(room) != std::string::npos) foreign += line + "\n";
        }
    }
    return foreign;
}

}  // namespace

TEST_CASE("package: a project that adds this tree builds the example and runs it", "[package]") {
    Folder folder;
    folder.write("CMakeLists.txt",
                 "cmake_minimum_required(VERSION 3.22)\n"
                 "project(super LANGUAGES C CXX)\n"
                 "add_subdirectory(" SIGNALBOX_SOURCE_DIR
                 " signalbox EXCLUDE_FROM_ALL)\n"
                 "add_subdirectory(" SIGNALBOX_SOURCE_DIR "/examples/embedded_host example)\n");
    const std::string built = (folder.path() / "build").string();
    build(folder.path().string(), built, quick({}), "release_tool");
    CHECK_THAT(compile_command(built), !Catch::Matchers::Contains("POCO"));
    check_release_tool(built + "/example/release_tool");
}

TEST_CASE("package: the shared library shows the API and nothing else", "[package]") {
    Folder folder;
    const std::string core = (folder.path() / "core").string();
    const std::string prefix = (folder.path() / "prefix").string();
    build(SIGNALBOX_SOURCE_DIR, core,
          quick({"-DBUILD_SHARED_LIBS=ON", "-DSIGNALBOX_BUILD_TESTS=OFF",
                 "-DSIGNALBOX_BUILD_PROGRAM=OFF", "-DCMAKE_INSTALL_LIBDIR=lib"}));
    must_run({SIGNALBOX_CMAKE, "--install", core, "--prefix", prefix});
    CHECK(foreign_symbols(prefix + "/lib/libsignalbox_core.so") == "");
    const std::string built = (folder.path() / "build").string();
    build(SIGNALBOX_SOURCE_DIR "/examples/embedded_host", built, {"-DCMAKE_PREFIX_PATH=" + prefix});
    check_release_tool(built + "/release_tool");
}
