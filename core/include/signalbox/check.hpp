#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "signalbox/dispatcher.hpp"

/// What can be known without running anything: no socket is opened, no code of a plugin is run, nothing
/// is written.
namespace signalbox {

struct CheckReport {
    std::vector<std::string> findings;  ///< each `file:line:column: error: …` or `…: warning: …`
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t actions = 0;      ///< that can be invoked
    std::size_t unavailable = 0;  ///< actions that cannot work here; each is a warning too
};

/// Config, secrets, plugins' settings (by the schema in each plugin's ELF note), actions and templates.
SIGNALBOX_API CheckReport check(const std::filesystem::path& config);

/// The request that an invocation would send, as it would go over the wire.
struct Preview {
    std::string method;
    std::string url;
    std::string headers;  ///< "Name: value\n" for each, the signature computed, secrets as ***
    std::string body;
};

/// Loads the config and its plugins and plans one invocation, with the run id `r_preview`, without a server
/// and without sending anything. `invocation` is the JSON of `POST /v1/actions/{id}/runs`:
/// {"properties": {…}, "entity": …}. Errors as the API has them, or `config_invalid`.
SIGNALBOX_API Result<Preview> preview(const std::filesystem::path& config, const std::string& action,
                        const std::string& invocation, Seams seams = {});

struct PluginInfo {
    std::string id;
    std::string file;
    std::string version;
    std::string problem;     ///< why it cannot be used; empty: it can
    std::string descriptor;  ///< the JSON of the ELF note, empty where there is none
};

/// The plugins a config names, by their ELF notes.
SIGNALBOX_API Result<std::vector<PluginInfo>> list_plugins(const std::filesystem::path& config);
/// The plugins on the search path (SIGNALBOX_PLUGIN_PATH, else the one built in), by their ELF notes.
SIGNALBOX_API std::vector<PluginInfo> list_plugins_on_path();
/// What one file says of itself, without running it. Errors say what the file is instead.
SIGNALBOX_API Result<PluginInfo> inspect_plugin(const std::filesystem::path& file);

}  // namespace signalbox
