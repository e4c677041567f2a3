// The house rules that a machine can keep: who may include whom, and what may not be in a commit.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = SIGNALBOX_SOURCE_DIR;

struct Source {
    fs::path path;  // relative to the root
    std::vector<std::string> lines;
};

bool is_code(const fs::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".cpp" || extension == ".hpp" || extension == ".h" || extension == ".c";
}

std::vector<Source> sources(const std::vector<std::string>& folders) {
    std::vector<Source> all;
    for (const std::string& folder : folders) {
        for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
            if (!entry.is_regular_file() || !is_code(entry.path())) continue;
            Source source{fs::relative(entry.path(), kRoot), {}};
            std::ifstream in(entry.path());
            for (std::string line; std::getline(in, line);) source.lines.push_back(line);
            all.push_back(std::move(source));
        }
    }
    REQUIRE(all.size() > 5);
    return all;
}

std::vector<std::string> includes(const Source& source) {
    std::vector<std::string> found;
    for (const std::string& line : source.lines) {
        const std::size_t start = line.find_first_of("\"<");
        if (line.rfind("#include", 0) != 0 || start == std::string::npos) continue;
        found.push_back(line.substr(start + 1, line.find_first_of("\">", start + 1) - start - 1));
    }
    return found;
}

bool begins(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

/// Which rooms of core/src a room may include, beside itself and base. docs/architecture.md says why.
const std::map<std::string, std::set<std::string>> kKnows = {
    {"base", {}},
    {"json", {}},
    {"jq", {"json"}},
    {"document", {"json"}},
    {"schema", {"json"}},
    {"signing", {}},
    {"journal", {"json"}},
    {"plugins", {"json", "schema", "signing"}},
    {"config", {"json", "document", "schema", "signing"}},
    {"actions", {"json", "jq", "document", "schema"}},
    {"dispatch", {"json", "signing", "journal", "plugins"}},
    {"net", {}},
    {"runs", {"json", "jq", "schema", "actions", "dispatch", "journal"}},
    {"sources", {"json", "config", "signing", "journal", "actions", "dispatch"}},
    {"api", {"json", "config", "signing", "journal", "dispatch", "runs", "sources", "net"}},
    {"wiring",
     {"json", "jq", "document", "schema", "config", "signing", "actions", "plugins", "dispatch", "runs",
      "sources"}},
};

std::string room_of(const fs::path& path) {  // core/src/<room>/…
    auto part = path.begin();
    std::advance(part, 2);
    return part->string();
}

void check_room(const Source& source, std::vector<std::string>& breaches) {
    const std::string room = room_of(source.path);
    const auto knows = kKnows.find(room);
    if (knows == kKnows.end()) {
        breaches.push_back(source.path.string() + ": room '" + room + "' is not in the table");
        return;
    }
    for (const std::string& include : includes(source)) {
        const std::string target = include.substr(0, include.find('/'));
        if (kKnows.count(target) == 0 || target == room || target == "base") continue;
        if (room == "net" && include == "dispatch/transport.hpp") continue;
        if (knows->second.count(target) == 0) {
            breaches.push_back(source.path.string() + " includes " + include);
        }
    }
}

std::string joined(const std::vector<std::string>& breaches) {
    std::string text;
    for (const std::string& breach : breaches) text += breach + "\n";
    return text;
}

}  // namespace

TEST_CASE("tidy: no arrow between the rooms of the core runs up", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core/src"})) {
        const std::string path = source.path.string();
        const bool top = std::distance(source.path.begin(), source.path.end()) == 3;
        if (!top && !begins(path, "core/src/app/")) check_room(source, breaches);
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: the public headers know the standard library and the SDK only", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core/include", "sdk/include"})) {
        for (const std::string& include : includes(source)) {
            const bool standard = include.find_first_of("/.") == std::string::npos ||
                                  include == "stddef.h" || include == "stdint.h";
            if (!standard && !begins(include, "signalbox/")) {
                breaches.push_back(source.path.string() + " includes " + include);
            }
            if (begins(source.path.string(), "sdk/") && begins(include, "signalbox/") &&
                !begins(include, "signalbox/plugin/")) {
                breaches.push_back(source.path.string() + " includes " + include);
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: app uses nothing private", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core/src/app"})) {
        for (const std::string& include : includes(source)) {
            const std::string target = include.substr(0, include.find('/'));
            if (kKnows.count(target) != 0 && include.find('/') != std::string::npos) {
                breaches.push_back(source.path.string() + " includes " + include);
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: plugins know the SDK only", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"plugins"})) {
        for (const std::string& include : includes(source)) {
            const bool foreign = begins(include, "Poco/") || begins(include, "boost/") ||
                                 begins(include, "openssl/") ||
                                 (begins(include, "signalbox/") && !begins(include, "signalbox/plugin/"));
            const std::string target = include.substr(0, include.find('/'));
            if (foreign || (include.find('/') != std::string::npos && kKnows.count(target) != 0)) {
                breaches.push_back(source.path.string() + " includes " + include);
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: Poco Net is used by net and the command line client only, and Boost DLL by plugins only",
          "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core/src"})) {
        const std::string path = source.path.string();
        const bool may_poco = begins(path, "core/src/net/") || begins(path, "core/src/app/client/");
        for (const std::string& include : includes(source)) {
            if (begins(include, "Poco/Net/") && !may_poco) breaches.push_back(path + " includes " + include);
            if (begins(include, "boost/dll") && !begins(path, "core/src/plugins/")) {
                breaches.push_back(path + " includes " + include);
            }
            if (begins(include, "boost/json") && !begins(path, "core/src/json/")) {
                breaches.push_back(path + " includes " + include);
            }
            if ((include == "jq.h" || include == "jv.h") && !begins(path, "core/src/jq/")) {
                breaches.push_back(path + " includes " + include);
            }
            // The program decides for its process what the journal, in a host's, must leave alone.
            if (include == "sqlite3.h" && !begins(path, "core/src/journal/sqlite/") &&
                path != "core/src/app/main.cpp") {
                breaches.push_back(path + " includes " + include);
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: the azure stand-in shares no code with what it stands in against", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"tests/doubles"})) {
        for (const std::string& include : includes(source)) {
            const std::string target = include.substr(0, include.find('/'));
            if (begins(include, "signalbox/") ||
                (include.find('/') != std::string::npos && kKnows.count(target) != 0)) {
                breaches.push_back(source.path.string() + " includes " + include);
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: nothing says that it is to be done now and no line is longer than a screen is wide",
          "[tidy]") {
    const std::string marker = std::string("TODO") + "(now)";
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core", "sdk", "plugins", "tests"})) {
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const std::string& line = source.lines[i];
            const bool raw_text = line.find("R\"") != std::string::npos;
            const auto continuation = [](unsigned char c) { return (c & 0xC0) == 0x80; };
            const auto width = line.size() - static_cast<std::size_t>(
                                                 std::count_if(line.begin(), line.end(), continuation));
            if (line.find(marker) != std::string::npos || (width > 120 && !raw_text)) {
                breaches.push_back(source.path.string() + ":" + std::to_string(i + 1));
            }
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: std::regex is not used on anything that comes from outside", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core", "sdk", "plugins"})) {
        for (const std::string& include : includes(source)) {
            if (include == "regex") breaches.push_back(source.path.string());
        }
    }
    CHECK(joined(breaches) == "");
}

TEST_CASE("tidy: a thread is started in base/thread.cpp, where the host's signals are blocked first", "[tidy]") {
    std::vector<std::string> breaches;
    for (const Source& source : sources({"core/src", "plugins"})) {
        const std::string path = source.path.string();
        if (path == "core/src/base/thread.cpp") continue;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            for (const char* start : {"std::thread(", "std::async(", "pthread_create("}) {
                if (source.lines[i].find(start) != std::string::npos) {
                    breaches.push_back(path + ":" + std::to_string(i + 1));
                }
            }
        }
    }
    CHECK(joined(breaches) == "");
}
