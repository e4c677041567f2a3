#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/encoding.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::plugins {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "signalbox_";
constexpr std::string_view suffix = ".so";

bool is_plugin_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
               character == '-';
    });
}

std::string file_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return std::string(prefix) + name + std::string(suffix);
}

/// The plugins' names in a directory; none where it cannot be read, which the caller reports
/// anyway.
std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::string name = entry->path().filename().string();
        if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
            !name.ends_with(suffix)) {
            continue;
        }
        name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
        std::replace(name.begin(), name.end(), '_', '-');
        names.push_back(std::move(name));
    }
    return names;
}

Error not_found(std::string_view name, const std::vector<fs::path>& path) {
    std::string message = "plugin '" + std::string(name) + "' was not found; looked for";
    std::vector<std::string> present;
    for (const fs::path& directory : path) {
        message += (&directory == &path.front() ? " " : ", ");
        message += (directory / file_name(std::string(name))).string();
        const auto here = names_in(directory);
        present.insert(present.end(), here.begin(), here.end());
    }
    if (path.empty()) message += " it nowhere, because the plugin path is empty";
    message += ". ";
    std::sort(present.begin(), present.end());
    if (const auto meant = nearest(name, present); !meant.empty()) {
        message += "Did you mean '" + std::string(meant) + "'? ";
    }
    return {"plugin_not_found",
            message + "Name its file (file: ./…so), or set SIGNALBOX_PLUGIN_PATH."};
}

}  // namespace

Result<fs::path> find(std::string_view name, const std::vector<fs::path>& path) {
    if (!is_plugin_name(name)) {
        return Error{
            "plugin_not_found",
            "'" + std::string(name) +
                "' is no plugin name: one has lower-case letters, digits and '-' only, such as "
                "azure-pipelines. To load a file, write file: PATH."};
    }
    for (const fs::path& directory : path) {
        const fs::path file = directory / file_name(std::string(name));
        std::error_code failed;
        if (fs::is_regular_file(file, failed)) return file;
    }
    return not_found(name, path);
}

std::vector<fs::path> search_path(const fs::path& fallback) {
    const char* set = std::getenv("SIGNALBOX_PLUGIN_PATH");  // NOLINT(concurrency-mt-unsafe)
    std::vector<fs::path> path;
    std::string_view rest = set == nullptr ? "" : set;
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        // An empty element would mean the working directory, and nobody writes that on purpose.
        if (const auto element = rest.substr(0, colon); !element.empty())
            path.emplace_back(element);
        if (colon == std::string_view::npos) break;
        rest.remove_prefix(colon + 1);
    }
    if (path.empty()) path.push_back(fallback);
    return path;
}

}  // namespace signalbox::plugins
