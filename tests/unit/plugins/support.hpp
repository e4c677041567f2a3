#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "json/door.hpp"
#include "plugins/plugin.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox::plugins::test {

class FakeClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return 0; }
    std::int64_t steady_ms() const override { return now_us / 1000; }
    std::int64_t steady_us() const override { return now_us; }
    std::int64_t now_us = 0;
};

class FakeLog final : public LogSink {
  public:
    void write(const LogEvent& event) override {
        std::string line(event.name);
        for (const auto& [name, value] : event.fields) {
            line += " " + std::string(name) + "=" + value;
        }
        lines.push_back(line);
    }
    std::vector<std::string> lines;
};

/// Plugins live as long as the process, so what they use does too.
inline FakeClock& fake_clock() {
    static FakeClock clock;
    return clock;
}
inline FakeLog& fake_log() {
    static FakeLog log;
    return log;
}

/// A directory of its own, gone with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "signalbox-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        const auto file = path_ / name;
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }

  private:
    std::filesystem::path path_;
};

inline std::string slurp(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

inline json::Value parsed(std::string_view text) {
    return json::parse(text).value();
}

inline std::filesystem::path test_plugin(const std::string& stem) {
    return std::filesystem::path(SIGNALBOX_TEST_PLUGIN_DIR) / ("signalbox_" + stem + ".so");
}
inline std::filesystem::path azure_plugin() {
    return std::filesystem::path(SIGNALBOX_PLUGIN_DIR) / "signalbox_azure_pipelines.so";
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace signalbox::plugins::test
