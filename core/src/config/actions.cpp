#include <glob.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/sections.hpp"

namespace signalbox::config {
namespace {

namespace fs = std::filesystem;
using document::Node;

/// What a pattern matches; owns glob's memory.
class Matches {
  public:
    explicit Matches(const std::string& pattern) { glob(pattern.c_str(), 0, nullptr, &found_); }
    ~Matches() { globfree(&found_); }
    Matches(const Matches&) = delete;
    Matches& operator=(const Matches&) = delete;

    std::vector<fs::path> paths() const {
        return found_.gl_pathv == nullptr
                   ? std::vector<fs::path>()
                   : std::vector<fs::path>(found_.gl_pathv, found_.gl_pathv + found_.gl_pathc);
    }

  private:
    glob_t found_{};
};

// The config's own folder may have a `[` in its name, which is no pattern.
std::string escaped(const fs::path& directory) {
    std::string pattern;
    for (const char c : directory.string()) {
        if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

bool is_document(const fs::path& path) {
    constexpr std::array<std::string_view, 3> extensions = {".json", ".yaml", ".yml"};
    const std::string extension = path.extension().string();
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

void add_matches(const Node& node, Scope scope, std::set<fs::path>& files) {
    const std::optional<std::string> pattern = read_string(node, "actions", scope);
    if (!pattern) return;
    if (pattern->find("**") != std::string::npos) {
        scope.reporter.error(node.position,
                             "`**` is not accepted in a pattern; list one for each folder, as "
                             "in [actions/*, actions/azure/*]");
        return;
    }
    const bool is_absolute = fs::path(*pattern).is_absolute();
    const std::vector<fs::path> paths =
        Matches(is_absolute ? *pattern : escaped(scope.directory) + "/" + *pattern).paths();
    if (paths.empty())
        scope.reporter.warning(node.position, found(node) + " matches no file; relative to " +
                                                  scope.directory.string());
    for (const fs::path& path : paths) {
        std::error_code error;
        if (!is_document(path)) {
            scope.reporter.warning(node.position, path.string() +
                                                      " is left out: only *.json, *.yaml and "
                                                      "*.yml are action documents");
        } else if (!fs::is_regular_file(path, error)) {
            scope.reporter.warning(node.position, path.string() + " is left out: it is not a file");
        } else {
            files.insert(path.lexically_normal());
        }
    }
}

}  // namespace

std::vector<fs::path> read_actions(const Node& node, Scope scope) {
    std::set<fs::path> files;
    if (node.kind == Node::Kind::sequence) {
        for (const Node& item : node.items)
            add_matches(item, scope, files);
    } else {
        add_matches(node, scope, files);
    }
    return {files.begin(), files.end()};
}

}  // namespace signalbox::config
