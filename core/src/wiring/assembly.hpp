#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "plugins/descriptor.hpp"
#include "plugins/file.hpp"
#include "plugins/plugin.hpp"
#include "runs/catalog.hpp"
#include "runs/permissions.hpp"
#include "signalbox/random.hpp"
#include "signalbox/secrets.hpp"
#include "signalbox/settings.hpp"
#include "sources/source.hpp"

/// Everything that the files say, read and held against each other, before any code of a plugin
/// runs. `check` stops here; serving goes on from here.
namespace signalbox::wiring {

struct PluginFile {
    std::filesystem::path file;
    plugins::Descriptor descriptor;  ///< from the ELF note, or from the target in the host
    std::shared_ptr<plugins::Plugin> built_in;  ///< null: loaded from the file
    std::string sha256;  ///< the pin; empty: none
    std::optional<plugins::FileVersion> version = {};  ///< when its note was read
};

/// A connection whose settings satisfy its plugin's schema.
struct Connection {
    config::ConnectionSettings written;
    json::Value settings;  ///< defaults filled in; a secret's own JSON pointer stands in its place
    std::map<std::string, std::string, std::less<>> secrets;  ///< by that pointer
    signing::Scheme scheme = signing::Scheme::none;
    std::string header;  ///< empty: the scheme's
    bool hold = true;
};

struct Assembly {
    config::Config config;
    std::map<std::string, PluginFile> plugins;  ///< by id
    std::vector<Connection> connections;
    std::shared_ptr<const actions::InputEncryption> input_encryption;
    runs::Catalog catalog;
    runs::PermissionsPtr permissions = std::make_shared<const runs::Permissions>();
    std::vector<sources::Source> sources;
    document::Problems problems;  ///< errors: it cannot be served

    /// An error at a place in the config file.
    void refuse(document::Position position, std::string message);
};

enum class Secrets { resolve, leave };

/// What is read: a config file, or a config's text with what a host adds to it.
struct Source {
    std::filesystem::path file;       ///< or, with `text`, what stands in for its name
    std::optional<std::string> text;
    std::filesystem::path directory;  ///< of the text
    std::vector<ActionDocument> actions;
    std::vector<std::shared_ptr<plugins::Plugin>> built_in;
    SecretSource* secrets = nullptr;
    Random* random = nullptr;  ///< of the encryption of secret inputs; null: the machine's
    Secrets secrets_wanted = Secrets::resolve;
};

/// Reads config, secrets, plugins' notes and actions. Every finding of every file is reported, those of
/// a file in its order. With Secrets::leave no secret is looked for, and the result can only be shown.
Assembly assemble(const Source& source);
Assembly assemble(const std::filesystem::path& config_file, Secrets secrets = Secrets::resolve);

/// Where a schema's finding is shown: at the value, or at the name of a member that should not be there.
document::Position place_of(const document::Node& node, const std::string& pointer,
                            const Detail& finding);

/// Where plugins are looked for by name: SIGNALBOX_PLUGIN_PATH, else the folder that belongs to
/// this build or installation.
std::vector<std::filesystem::path> plugin_path();

}  // namespace signalbox::wiring
