// A plugin that was built once loads for ever: what it was built against may grow, and may not
// move.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "support/child.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

std::string slurp(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("abi: no field of the contract has moved", "[abi]") {
    const std::string golden = slurp(SIGNALBOX_ABI_DIR "/v1.layout");
    REQUIRE(golden.size() > 1000);
    CHECK(run({SIGNALBOX_ABI_LAYOUT_C}).output == golden);
    CHECK(run({SIGNALBOX_ABI_LAYOUT_CXX}).output == golden);
}

TEST_CASE("abi: every struct and function of the contract is in the golden layout", "[abi]") {
    const std::string header = slurp(SIGNALBOX_SOURCE_DIR "/sdk/include/signalbox/plugin/v1.h");
    const std::string golden = slurp(SIGNALBOX_ABI_DIR "/v1.layout");
    std::istringstream lines(header);
    int structs = 0;
    int functions = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::string opening = "typedef struct ";
        if (line.rfind(opening, 0) == 0 && line.back() == '{') {
            ++structs;
            const std::string name =
                line.substr(opening.size(), line.find(' ', opening.size()) - opening.size());
            CAPTURE(name);
            CHECK((golden.rfind(name + " ", 0) == 0 ||
                   golden.find("\n" + name + " ") != std::string::npos));
        }
        const std::size_t pointer = line.find("(*");
        if (pointer == std::string::npos || line.rfind("    ", 0) != 0 || line[4] == ' ') continue;
        ++functions;
        const std::string name = line.substr(pointer + 2, line.find(')', pointer) - pointer - 2);
        CAPTURE(name);
        CHECK(golden.find("\n  " + name + " ") != std::string::npos);
    }
    CHECK(structs >= 15);
    CHECK(functions >= 30);
}

TEST_CASE("abi: abidiff finds the contract unchanged and would find a change", "[abi]") {
    const std::string recorded = SIGNALBOX_ABI_DIR "/v1.abi";
    const Ran same = run({SIGNALBOX_ABIDIFF, recorded, SIGNALBOX_ABI_CONTRACT});
    CAPTURE(same.output);
    CHECK(same.code == 0);

    // The record of a contract whose run was smaller: as if a field had been put into it since.
    std::string changed = slurp(recorded);
    const std::string size = "name='signalbox_run' size-in-bits='1152'";
    REQUIRE(changed.find(size) != std::string::npos);
    changed.replace(changed.find(size), size.size(), "name='signalbox_run' size-in-bits='1024'");
    const Folder folder;
    const auto file = folder.write("changed.abi", changed);
    CHECK(run({SIGNALBOX_ABIDIFF, file.string(), SIGNALBOX_ABI_CONTRACT}).code != 0);
}
