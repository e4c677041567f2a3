#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signalbox/dispatcher.hpp"

/// What can be known without running anything: no socket is opened, no code of a plugin is run, nothing
/// is written.
namespace signalbox {

/// One finding, for people and for programs.
struct Finding {
    bool error = true;  ///< false: a warning
    std::string file;          ///< as the config names it
    std::uint32_t line = 0;    ///< from 1; 0: the file as a whole
    std::uint32_t column = 0;  ///< from 1, in characters; 0: the line as a whole
    std::string message;       ///< what was found, what is accepted, what to do
    /// `file:line:column: error: …` or `…: warning: …`, then that line with a caret below the place.
    /// Secrets that stand in the line are shown as ***.
    std::string text;
};

/// How check() looks.
struct CheckOptions {
    /// Do not look for secrets: for a machine that has none of them, such as a build server.
    bool without_secrets = false;
};

/// What check() found.
struct CheckReport {
    std::vector<Finding> findings;  ///< those of a file in its order
    std::size_t errors = 0;         ///< of the findings
    std::size_t warnings = 0;       ///< of the findings
    std::size_t actions = 0;      ///< that can be invoked
    std::size_t unavailable = 0;  ///< actions that cannot work here; each is a warning too
};

/// Config, secrets, plugins' settings (by the schema in each plugin's ELF note), actions and templates.
SIGNALBOX_API CheckReport check(const std::filesystem::path& config, CheckOptions options = {});

/// What people have to enter on the target's side for an action, from its plugin's descriptor, filled in from
/// the config and the action; secrets by where they are kept. Runs no plugin code. Errors: `config_invalid`,
/// `action_not_found`, `action_unavailable`, `no_setup`.
SIGNALBOX_API Result<std::string> setup(const std::filesystem::path& config, const std::string& action);

/// Where a server with this config is asked on its own machine, such as `http://127.0.0.1:8080`: by `listen` and
/// `tls`. Nothing else has to be right, and no secret is looked for. Errors: `config_invalid` (the file cannot be
/// read, or its `listen` is none), `no_port` (it listens on any free one), `not_here` (`listen` is no address of this
/// machine: a client shows its secret to the server, so who runs one elsewhere has to name it).
SIGNALBOX_API Result<std::string> server_url(const std::filesystem::path& config);

/// One thing that doctor() looked at.
struct Probe {
    bool good = false;   ///< nothing has to be done
    std::string name;    ///< `journal`, `plugin azure-pipelines`, `target contoso`, …
    std::string found;   ///< what was found
    std::string advice;  ///< what to do; empty where it is good
};

/// Tries out what a config needs: its files and secrets, the journal's folder and space, each plugin in a
/// process of its own, each target by a request that asks for nothing (`HEAD /`), the clock, the
/// descriptors. Takes at most some seconds a target; changes nothing.
SIGNALBOX_API std::vector<Probe> doctor(const std::filesystem::path& config);

/// The request that an invocation would send, as it would go over the wire.
struct Preview {
    std::string method;   ///< `POST`, …
    std::string url;      ///< absolute
    std::string headers;  ///< "Name: value\n" for each, the signature computed, secrets as ***
    std::string body;     ///< the bytes that are signed
};

/// Loads the config and its plugins and plans one invocation, with the run id `r_preview`, without a server
/// and without sending anything. `invocation` is the JSON of `POST /v1/actions/{id}/runs`:
/// {"properties": {…}, "entity": …}. Errors as the API has them, or `config_invalid`.
SIGNALBOX_API Result<Preview> preview(const std::filesystem::path& config, const std::string& action,
                        const std::string& invocation, Seams seams = {});

/// A plugin, by what its file says.
struct PluginInfo {
    std::string id;          ///< what connections call it
    std::string file;        ///< its path
    std::string version;     ///< of the plugin
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
