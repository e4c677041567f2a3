#pragma once

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace config_test {

namespace config = signalbox::config;
namespace document = signalbox::document;

struct Read {
    config::Config config;
    document::Problems problems;

    std::string findings() const {
        std::string text;
        for (const auto& problem : problems)
            text += to_string(problem) + "\n";
        return text;
    }
};

inline Read read(std::string_view text, const std::filesystem::path& directory = "/etc/signalbox") {
    Read result;
    result.config = config::read_text(text, "f", directory, result.problems);
    return result;
}

/// A folder of this test's own, removed with everything in it.
class Folder {
  public:
    explicit Folder(const std::string& name)
        : path_(std::filesystem::temp_directory_path() /
                ("signalbox_" + name + "_" + std::to_string(getpid()))) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace config_test
