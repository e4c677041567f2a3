#include <catch2/catch.hpp>

#include "package.hpp"

using namespace signalbox::test;

TEST_CASE("package: the API reference is complete and without warnings", "[package]") {
    Folder folder;
    const std::string settings = "@INCLUDE = " SIGNALBOX_SOURCE_DIR
                                 "/docs/Doxyfile\n"
                                 "OUTPUT_DIRECTORY = " +
                                 folder.path().string() +
                                 "\n"
                                 "WARN_AS_ERROR = FAIL_ON_WARNINGS\n";
    const std::string file = folder.write("Doxyfile", settings).string();
    must_run(
        {"/bin/sh", "-c", "cd " SIGNALBOX_SOURCE_DIR " && exec " SIGNALBOX_DOXYGEN " " + file});
    const std::string first = folder.read("html/index.html");
    CHECK_THAT(first, Catch::Matchers::Contains("from_file"));
    CHECK_THAT(folder.read("html/annotated.html"),
               Catch::Matchers::Contains("Dispatcher") && Catch::Matchers::Contains("Target"));
}
