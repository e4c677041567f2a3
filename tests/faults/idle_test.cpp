// An idle Signalbox does nothing: no thread of it wakes, and nothing is written.
#include <dirent.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

std::string value_in(const std::filesystem::path& file, const std::string& name) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind(name + ":", 0) != 0) continue;
        return line.substr(line.find_first_not_of(" \t", name.size() + 1));
    }
    return {};
}

/// How often each thread of a process went to sleep, by its name and number: one that never woke
/// did not go to sleep again.
std::map<std::string, std::string> sleeps_of(pid_t process) {
    std::map<std::string, std::string> sleeps;
    const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        const auto status = task.path() / "status";
        sleeps[value_in(status, "Name") + " " + task.path().filename().string()] =
            value_in(status, "voluntary_ctxt_switches");
    }
    return sleeps;
}

struct Activity {
    std::map<std::string, std::string> sleeps;
    std::string written;  // bytes handed to write(), whatever the file
    std::string writes;   // calls of write()
    bool operator==(const Activity& other) const {
        return sleeps == other.sleeps && written == other.written && writes == other.writes;
    }
};

Activity activity_of(pid_t process) {
    const std::filesystem::path io = "/proc/" + std::to_string(process) + "/io";
    return {sleeps_of(process), value_in(io, "wchar"), value_in(io, "syscw")};
}

std::string shown(const Activity& activity) {
    std::ostringstream text;
    for (const auto& [thread, count] : activity.sleeps)
        text << thread << " " << count << "; ";
    text << "written " << activity.written << " in " << activity.writes << " calls";
    return text.str();
}

}  // namespace

TEST_CASE("faults: an idle process makes no wake-up and no write for ten seconds", "[long]") {
    WorldOptions options;
    options.clients = false;
    World world(options);
    world.start_standin();
    world.start();
    // Not a fresh process: connections were made, files written, timers set.
    const std::string id = world.invoke("warm");
    REQUIRE(world.await(id, {"accepted", "finished"}).status == 200);
    // Kept connections and the caches' timers come to their end within a minute of the last work.
    std::this_thread::sleep_for(std::chrono::seconds(65));
    const Activity before = activity_of(world.process());
    REQUIRE(before.sleeps.size() > 3);
    REQUIRE_FALSE(before.written.empty());
    std::this_thread::sleep_for(std::chrono::seconds(10));  // the span that is measured
    const Activity after = activity_of(world.process());
    INFO("before: " << shown(before) << "\nafter:  " << shown(after));
    CHECK(before == after);
    CHECK(world.stop() == 0);
}
