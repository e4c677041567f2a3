#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "app/program.hpp"

/// Doubles for what a command works with.
namespace signalbox::app::test {

/// Stands still until somebody sleeps on it.
class FakeClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return wall; }
    std::int64_t steady_ms() const override { return steady; }
    std::int64_t steady_us() const override { return steady * 1000; }
    std::int64_t wall = 1'700'000'000'000;
    std::int64_t steady = 5'000;
};

class FakeSignals final : public StopSignals {
  public:
    void hold() override { calls.push_back("hold"); }
    std::string wait() override { return calls.push_back("wait"), "SIGTERM"; }
    void let_the_next_one_end_the_process() override { calls.push_back("let"); }
    std::vector<std::string> calls;
};

struct Ended {
    int code = -1;
    std::string out;
    std::string err;
};

/// One process of the program, with an environment and a core of the test's own.
class Program {
  public:
    Ended run(const std::vector<std::string>& words) {
        std::istringstream in(standard_input);
        std::ostringstream out;
        std::ostringstream err;
        Context context{
            .in = in,
            .out = out,
            .err = err,
            .out_is_terminal = terminal,
            .err_is_terminal = terminal,
            .log_descriptor = log_descriptor,
            .environment = [this](const std::string& name) -> std::optional<std::string> {
                const auto found = environment.find(name);
                if (found == environment.end()) return std::nullopt;
                return found->second;
            },
            .clock = clock,
            .sleep =
                [this](std::int64_t ms) {
                    sleeps.push_back(ms);
                    clock.steady += ms;
                }};
        const int code = run_program(words, {context, core, signals});
        return {code, out.str(), err.str()};
    }

    std::map<std::string, std::string> environment;
    std::string standard_input;
    bool terminal = false;
    int log_descriptor = -1;
    FakeClock clock;
    Core core;
    FakeSignals signals;
    std::vector<std::int64_t> sleeps;
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A new directory that is the current one until the test ends.
class Directory {
  public:
    Directory() : before_(std::filesystem::current_path()) {
        std::string name =
            (std::filesystem::temp_directory_path() / "signalbox-app-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
        std::filesystem::current_path(path_);
    }
    ~Directory() {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(path_);
    }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path before_;
    std::filesystem::path path_;
};

}  // namespace signalbox::app::test
