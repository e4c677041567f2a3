#include "package.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

namespace signalbox::test {

std::string must_run(std::vector<std::string> command,
                     std::map<std::string, std::string> environment) {
    std::vector<std::string> through_shell = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
    through_shell.insert(through_shell.end(), command.begin(), command.end());
    const Ran ran = run(through_shell, std::move(environment));
    INFO(command.front() << " " << (command.size() > 1 ? command[1] : "") << "\n" << ran.output);
    REQUIRE(ran.code == 0);
    return ran.output;
}

void install(const std::string& prefix, const std::vector<std::string>& components) {
    for (const std::string& component : components) {
        must_run({SIGNALBOX_CMAKE, "--install", SIGNALBOX_BUILD_DIR, "--prefix", prefix,
                  "--component", component});
    }
}

void build(const std::string& source, const std::string& folder,
           std::vector<std::string> cache_entries, const std::string& target) {
    std::vector<std::string> configure = {SIGNALBOX_CMAKE,
                                          "-G",
                                          "Ninja",
                                          "-S",
                                          source,
                                          "-B",
                                          folder,
                                          "-DCMAKE_CXX_COMPILER=" SIGNALBOX_CXX,
                                          "-DCMAKE_CXX_FLAGS=" SIGNALBOX_SANITIZER,
                                          "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"};
    configure.insert(configure.end(), cache_entries.begin(), cache_entries.end());
    must_run(configure);
    std::vector<std::string> make = {SIGNALBOX_CMAKE, "--build", folder};
    if (!target.empty()) make.insert(make.end(), {"--target", target});
    must_run(make);
}

void check_release_tool(const std::string& program) {
    World world;
    world.start_standin();
    const std::string url =
        world.standin_url() +
        "/contoso/_apis/public/distributedtask/webhooks/release?api-version=6.0-preview";
    const std::string journal = (world.folder().path() / "release").string();
    const std::string shown =
        must_run({program, url, journal, "checkout", "1.4.2"}, {{"DEPLOY_KEY", "azure-secret"}});
    CHECK_THAT(shown, Catch::Matchers::Contains("accepted (sending)") &&
                          Catch::Matchers::Contains("closed (accepted)") &&
                          Catch::Matchers::Contains(" SUCCESS finished"));
    CHECK_THAT(world.received_body(), Catch::Matchers::Contains(R"("version":"1.4.2")"));
}

std::string compile_command(const std::string& folder) {
    std::ifstream file(folder + "/compile_commands.json");
    std::string command;
    for (std::string line; std::getline(file, line);) {
        if (line.find("\"command\"") != std::string::npos &&
            line.find("main.cpp") != std::string::npos) {
            command = line;
        }
    }
    REQUIRE_FALSE(command.empty());
    return command;
}

}  // namespace signalbox::test
