#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/fields.hpp"

/// The config's sections, each from its node. What is wrong is reported, and the rest still read.
namespace signalbox::config {

std::vector<PluginReference> read_plugins(const document::Node& node, Scope scope);

/// The name by which connections call a plugin: its own, or what its file's name says
/// (`signalbox_acme_ci.so` is `acme-ci`).
std::string plugin_name(const PluginReference& plugin);

std::vector<ConnectionSettings> read_connections(const document::Node& node,
                                                 const std::vector<PluginReference>& plugins,
                                                 Scope scope);
SigningSettings read_signing(const document::Node& node, Scope scope);
/// The name of the header that carries a signature; empty, and reported, where it cannot.
std::string read_header(const document::Node& node, Scope scope);
std::vector<Secret> read_previous_keys(const document::Node& node, Scope scope);
LimitSettings read_limits(const document::Node& node, Scope scope);
RetrySettings read_retry(const document::Node& node, Scope scope);
std::vector<PolicySettings> read_policies(const document::Node& node, Scope scope);

/// Only what is written; check_tls_files() reads the files.
ListenerTlsSettings read_listener_tls(const document::Node& node, Scope scope);
ConnectionTlsSettings read_connection_tls(const document::Node& node, Scope scope);

std::vector<NamedSecret> read_secrets(const document::Node& node, Scope scope);
/// The networks of an `egress`.
std::vector<std::string> read_egress(const document::Node& node, Scope scope);

std::vector<SourceSettings> read_sources(const document::Node& node, Scope scope);

std::vector<ClientSettings> read_clients(const document::Node& node, Scope scope);

/// `clients` are those of the same file: a list names them.
std::vector<PermissionSettings> read_permissions(const document::Node& node,
                                                 const std::vector<ClientSettings>& clients,
                                                 Scope scope);

RetentionSettings read_retention(const document::Node& node, Scope scope);

/// The files that a pattern, or a list of patterns, names: sorted, each once.
std::vector<std::filesystem::path> read_actions(const document::Node& node, Scope scope);

}  // namespace signalbox::config
