#include "app/plugins_new.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <utility>

#include "app/plugin_template.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::size_t name_bytes_max = 64;

bool is_plugin_name(const std::string& name) {
    const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    // It becomes a C++ class's name, too.
    return letters && !name.empty() && name.size() <= name_bytes_max && name.front() >= 'a' &&
           name.back() != '-';
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// The template speaks of a plugin named acme, in each of the spellings that a name has.
std::string renamed(std::string_view original, const std::string& name) {
    std::string stem = name;
    std::replace(stem.begin(), stem.end(), '-', '_');
    std::string type;
    std::string words;
    bool begins = true;
    for (const char c : stem) {
        type += upper(c);
        if (c != '_') words += begins ? upper(c) : c;
        begins = c == '_';
    }
    std::string text(original);
    replace_all(text, "signalbox_acme", "signalbox_@");
    replace_all(text, "ACME", type);
    replace_all(text, "Acme", words);
    replace_all(text, "acme", name);
    replace_all(text, "signalbox_@", "signalbox_" + stem);
    return text;
}

int refuse(const Tools& tools, const std::string& message) {
    print_error(tools.context.err, Error{"usage", message, {}});
    return exit_code::usage;
}

}  // namespace

int run_plugins_new(const Options& options, const Tools& tools) {
    const std::string name = options.arguments()[0];
    if (!is_plugin_name(name)) {
        return refuse(tools, "'" + printable(name) +
                                 "' is no plugin's name; it begins with a small letter and has "
                                 "small letters, digits and '-', at most 64 of them");
    }
    std::error_code failed;
    if (!std::filesystem::create_directory(name, failed)) {
        return refuse(tools, failed
                                 ? "the folder '" + name + "' cannot be made: " + failed.message()
                                 : "'" + name + "' is there already; choose another name");
    }
    std::vector<std::string> files;
    for (const TemplateFile& file : plugin_template()) {
        const auto path = std::filesystem::path(name) / file.name;
        std::ofstream out(path, std::ios::binary);
        out << renamed(file.text, name);
        out.close();
        if (!out) return refuse(tools, "'" + path.string() + "' cannot be written");
        files.push_back(path.string());
    }
    if (options.has("json")) {
        std::string list;
        for (const std::string& file : files)
            list += (list.empty() ? "" : ",") + json_string(file);
        tools.context.out << "{\"ok\":true,\"files\":[" << list << "]}\n";
        return exit_code::success;
    }
    for (const std::string& file : files)
        tools.context.out << file << '\n';
    tools.context.out << "\nNext:\n  cd " << name
                      << "\n  cmake -B build -G Ninja && cmake --build build\n"
                         "  ctest --test-dir build --output-on-failure\n";
    return exit_code::success;
}

}  // namespace signalbox::app
