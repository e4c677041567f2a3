#include <algorithm>

#include "config/config.hpp"
#include "json/writer.hpp"
#include "plugins/descriptor.hpp"
#include "plugins/note.hpp"
#include "plugins/plugin.hpp"
#include "signalbox/check.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"

namespace signalbox {
namespace {

PluginInfo info_of(const std::filesystem::path& file) {
    PluginInfo info;
    info.file = file.string();
    auto note = plugins::read_note(file);
    if (!note) {
        info.problem = note.error().message;
        return info;
    }
    info.descriptor = *note;
    auto descriptor = plugins::parse_descriptor(*note);
    if (!descriptor) {
        info.problem = descriptor.error().message;
        return info;
    }
    info.id = descriptor->id;
    info.version = descriptor->version;
    return info;
}

}  // namespace

Result<std::vector<PluginInfo>> list_plugins(const std::filesystem::path& config_file) {
    document::Problems problems;
    const config::Config config = config::read_file(config_file, problems);
    if (document::has_errors(problems)) {
        return Error{"config_invalid", wiring::to_text(problems, config)};
    }
    std::vector<PluginInfo> list;
    for (const config::PluginReference& reference : config.plugins) {
        if (!reference.file.empty()) {
            list.push_back(info_of(reference.file));
            continue;
        }
        auto found = plugins::find(reference.name, wiring::plugin_path());
        list.push_back(found ? info_of(*found) : PluginInfo{});
        list.back().id = reference.name;
        if (!found) list.back().problem = found.error().message;
    }
    return list;
}

std::vector<PluginInfo> list_plugins_on_path() {
    std::vector<PluginInfo> list;
    for (const std::filesystem::path& folder : wiring::plugin_path()) {
        std::error_code failed;
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
            if (entry.path().extension() == ".so") files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        for (const auto& file : files)
            list.push_back(info_of(file));
    }
    return list;
}

Result<PluginInfo> inspect_plugin(const std::filesystem::path& file) {
    PluginInfo info = info_of(file);
    if (info.descriptor.empty()) return Error{"plugin_unusable", info.problem};
    return info;
}

}  // namespace signalbox
