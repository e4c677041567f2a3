#include "config/config.hpp"

#include <algorithm>
#include <cstddef>

#include "config/address.hpp"
#include "config/secrets.hpp"
#include "config/sections.hpp"
#include "document/reader.hpp"
#include "document/reporter.hpp"
#include "schema/formats.hpp"

namespace signalbox::config {
namespace {

namespace fs = std::filesystem;
using document::Node;

void read_listen(const Node& node, Config& config, Scope scope) {
    config.listen_position = node.position;
    const bool is_port = node.kind == Node::Kind::number;
    if (is_port) {
        scope.reporter.error(
            node.position,
            "`listen` must be host:port, found only a number; write 127.0.0.1:" + node.text);
        return;
    }
    const std::optional<std::string> text = read_string(node, "listen", scope);
    if (!text) return;
    if (const Result<Endpoint> endpoint = parse_endpoint(*text)) {
        config.listen = *endpoint;
    } else {
        scope.reporter.error(node.position,
                             "`listen` is " + found(node) + ": " + endpoint.error().message);
    }
}

void read_public_url(const Node& node, Config& config, Scope scope) {
    const std::optional<std::string> text = read_string(node, "public_url", scope);
    if (!text) return;
    if (Result<std::string> url = parse_base_url(*text)) {
        config.public_url = std::move(*url);
    } else if (text->find('@') != std::string::npos) {  // a password may stand before it
        scope.literal_secrets.push_back(node.position);
        scope.reporter.error(node.position, "`public_url`: " + url.error().message);
    } else {
        scope.reporter.error(node.position,
                             "`public_url` is " + found(node) + ": " + url.error().message);
    }
}

void read_commits(const Node& node, Config& config, Scope scope) {
    config.journal_log = node.kind == Node::Kind::string && node.text == "log";
    if (config.journal_log || (node.kind == Node::Kind::string && node.text == "file")) return;
    const std::string word = node.kind == Node::Kind::string ? node.text : std::string();
    scope.reporter.error(node.position,
                         "`commits` must be file (each commit is a transaction of the journal's file) or log "
                         "(it goes into a log first), found " +
                             found(node) + did_you_mean(word, {"file", "log"}));
}

/// The directory, or a mapping with it.
void read_journal(const Node& node, Config& config, Scope scope) {
    const Node* directory = &node;
    if (node.kind == Node::Kind::mapping) {
        const Fields fields(node, "`journal`", {"directory", "commits"}, scope);
        directory = fields.find("directory");
        if (const Node* commits = fields.find("commits")) read_commits(*commits, config, scope);
    }
    if (directory == nullptr) return;
    if (const auto path = read_string(*directory, "journal", scope))
        config.journal = resolve_path(scope.directory, *path);
}

HttpSettings read_http(const Node& node, Scope scope) {
    HttpSettings http;
    const Fields fields(node, "`http`", {"connections", "per_address"}, scope);
    const auto read_count = [&](const char* key, std::int64_t min, std::size_t otherwise) {
        const Node* count = fields.find(key);
        if (count == nullptr) return otherwise;
        const auto read =
            read_integer(*count, key, min,
                         static_cast<std::int64_t>(limits::config_http_connections_max), scope);
        return read ? static_cast<std::size_t>(*read) : otherwise;
    };
    http.connections = read_count("connections", 1, http.connections);
    http.per_address = read_count("per_address", 0, http.per_address);
    return http;
}

// Without clients every caller has all rights, so only this machine's callers may come.
void check_reach(const Fields& fields, const Config& config, Scope scope) {
    if (fields.has("clients") || is_loopback(config.listen.host)) return;
    scope.reporter.error(config.listen_position,
                         "`listen` is " + config.listen.host +
                             ", which others can reach, and without `clients` every caller has all "
                             "rights; add `clients`, or listen on 127.0.0.1");
}

void read_sections(const Node& root, Config& config, Scope scope) {
    const Fields fields(
        root, "the config",
        {"listen", "public_url", "journal", "plugins", "connections", "clients", "actions", "http",
         "policies", "permissions", "retention", "tls", "sources", "secrets", "input_encryption_key"},
        scope);
    if (const Node* listen = fields.find("listen")) read_listen(*listen, config, scope);
    if (const Node* url = fields.find("public_url")) read_public_url(*url, config, scope);
    if (const Node* journal = fields.find("journal")) read_journal(*journal, config, scope);
    if (const Node* plugins = fields.find("plugins"))
        for (PluginReference& listed : read_plugins(*plugins, scope))
            config.plugins.push_back(std::move(listed));
    if (const Node* connections = fields.find("connections"))
        config.connections = read_connections(*connections, config.plugins, scope);
    if (const Node* clients = fields.find("clients"))
        config.clients = read_clients(*clients, scope);
    if (const Node* secrets = fields.find("secrets")) config.secrets = read_secrets(*secrets, scope);
    if (const Node* key = fields.find("input_encryption_key"))
        config.input_encryption_key = read_secret(*key, "input_encryption_key", scope);
    if (const Node* sources = fields.find("sources"))
        config.sources = read_sources(*sources, scope);
    if (const Node* retention = fields.find("retention"))
        config.retention = read_retention(*retention, scope);
    if (const Node* http = fields.find("http")) config.http = read_http(*http, scope);
    if (const Node* policies = fields.find("policies"))
        config.policies = read_policies(*policies, scope);
    if (const Node* permissions = fields.find("permissions"))
        config.permissions = read_permissions(*permissions, config.clients, scope);
    if (const Node* tls = fields.find("tls")) config.tls = read_listener_tls(*tls, scope);
    if (const Node* actions = fields.find("actions"))
        config.action_files = read_actions(*actions, scope);
    if (fields.is_mapping() && !fields.has("actions"))
        scope.reporter.warning(
            root.position,
            "there is no `actions`, so nothing can be invoked; add actions: actions/*");
    check_reach(fields, config, scope);
}

Config read_tree(std::optional<Node> root, const std::string& file, const fs::path& directory,
                 document::Problems& problems, const std::vector<std::string>& built_in) {
    Config config;
    config.file = file;
    for (const std::string& name : built_in) {
        config.plugins.push_back({});
        config.plugins.back().name = name;
        config.plugins.back().built_in = true;
    }
    config.directory = fs::absolute(directory).lexically_normal();
    config.journal = resolve_path(config.directory, "data");
    if (!root) return config;
    // An empty file is a config that relies on every default.
    if (root->kind == Node::Kind::null) root->kind = Node::Kind::mapping;
    document::Reporter reporter(file, problems);
    reporter.hush_known_places();
    read_sections(*root, config, Scope{reporter, config.directory, config.literal_secrets});
    return config;
}

// Findings come section by section; people read them from the top of the file.
void sort_by_place(document::Problems& problems, std::size_t first) {
    const auto line = [](const document::Problem& problem) {  // unknown places go last
        return problem.position.line - 1;
    };
    std::stable_sort(problems.begin() + static_cast<std::ptrdiff_t>(first), problems.end(),
                     [&](const document::Problem& a, const document::Problem& b) {
                         return line(a) != line(b) ? line(a) < line(b)
                                                   : a.position.column < b.position.column;
                     });
}

}  // namespace

Config read_file(const fs::path& file, document::Problems& problems,
                 const std::vector<std::string>& built_in) {
    const std::size_t first = problems.size();
    std::optional<Node> root = document::read_file(file, problems);
    Config config =
        read_tree(std::move(root), file.string(), fs::absolute(file).parent_path(), problems,
                  built_in);
    sort_by_place(problems, first);
    return config;
}

Config read_text(std::string_view text, const std::string& file, const fs::path& directory,
                 document::Problems& problems, const std::vector<std::string>& built_in) {
    const std::size_t first = problems.size();
    std::optional<Node> root = document::read(text, file, problems);
    Config config = read_tree(std::move(root), file, directory, problems, built_in);
    sort_by_place(problems, first);
    return config;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    return schema::duration_ms(text);
}

fs::path resolve_path(const fs::path& directory, std::string_view path) {
    return (directory / fs::path(path)).lexically_normal();
}

}  // namespace signalbox::config
