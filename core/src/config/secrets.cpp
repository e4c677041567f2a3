#include "config/secrets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/encryption.hpp"
#include "base/limits.hpp"
#include "document/reporter.hpp"
#include "signing/scheme.hpp"

namespace signalbox::config {
namespace {

using document::Node;

constexpr const char* kForm = "write {env: NAME} or {file: PATH}";

bool is_environment_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string fault_of(const Node& node) {
    if (node.kind == Node::Kind::null) return std::string("has no value; ") + kForm;
    if (node.kind == Node::Kind::sequence) return std::string("is a list; ") + kForm;
    if (node.kind != Node::Kind::mapping)
        return std::string("is written out, and secrets do not belong in this file; ") + kForm;
    const Node* env = node.find("env");
    const Node* file = node.find("file");
    if (node.members.size() != 1 || (env == nullptr && file == nullptr))
        return std::string("must be a mapping of one key, `env` or `file`; ") + kForm;
    if (env != nullptr && (env->kind != Node::Kind::string || !is_environment_name(env->text)))
        return "names no environment variable: `env` takes letters, digits and `_`, not the secret "
               "itself";
    if (file != nullptr && (file->kind != Node::Kind::string || file->text.empty()))
        return "names no file: `file` takes a path";
    return {};
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

// Empty text: what is wrong is in `problem`.
std::string read_secret_file(const std::string& path, std::string& problem) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
        // Opening a pipe would wait for somebody to write into it, and it could be read only once.
        problem = "the secret's file " + path + " is no regular file; name one that holds the secret";
        return {};
    }
    const std::unique_ptr<std::FILE, CloseFile> stream(std::fopen(path.c_str(), "rbe"));
    std::string text(limits::config_secret_bytes_max + 2, '\0');
    if (stream != nullptr) text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
    if (stream == nullptr || std::ferror(stream.get()) != 0) {
        problem = "the secret's file " + path + " cannot be read: " + std::strerror(errno);
        return {};
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

std::string read_value(const Secret& secret, std::string& problem) {
    if (secret.env.empty()) return read_secret_file(secret.file, problem);
    const char* value = std::getenv(secret.env.c_str());
    if (value == nullptr)
        problem =
            "the environment variable " + secret.env + " is not set; set it, or name another one";
    return value == nullptr ? std::string() : std::string(value);
}

std::string name_of(const Secret& secret) {
    return secret.env.empty() ? "the secret's file " + secret.file
                              : "the environment variable " + secret.env;
}

std::string ask(SecretSource& source, const Secret& secret, std::string& problem) {
    Result<std::string> value = source.read({secret.env, secret.file});
    if (value) return std::move(*value);
    problem = name_of(secret) + " was not given: " + value.error().message;
    return {};
}

void resolve(Secret& secret, bool is_key, document::Reporter& reporter, SecretSource* source) {
    std::string problem;
    secret.value = source ? ask(*source, secret, problem) : read_value(secret, problem);
    if (problem.empty() && secret.value.empty())
        problem = name_of(secret) + " is empty; put the secret in";
    if (problem.empty() && secret.value.size() > limits::config_secret_bytes_max)
        problem = name_of(secret) + " holds more than " +
                  std::to_string(limits::config_secret_bytes_max) +
                  " bytes, the most that a secret may have";
    if (problem.empty() && is_key) {
        if (const auto bytes = signing::key_bytes(secret.value); !bytes)
            problem = name_of(secret) + " holds no key that can be used: " + bytes.error().message;
    }
    if (problem.empty()) return;
    secret.value.clear();
    reporter.error(secret.position, std::move(problem));
}

/// A client's secret is all that keeps others from being that client.
void advise(const Secret& secret, document::Reporter& reporter) {
    const std::size_t bytes = secret.value.size();
    if (bytes == 0) return;  // said already
    if (bytes < limits::client_secret_bytes_advised) {
        reporter.warning(secret.position,
                         name_of(secret) + " has " + std::to_string(bytes) +
                             " bytes, which can be guessed; use " +
                             std::to_string(limits::client_secret_bytes_advised) +
                             " or more that are random");
    } else if (bytes > limits::token_request_bytes_max / 2) {
        reporter.warning(secret.position,
                         name_of(secret) + " has " + std::to_string(bytes) +
                             " bytes; a client asks for its token in no more than " +
                             std::to_string(limits::token_request_bytes_max) +
                             ", so use a shorter one");
    }
}

}  // namespace

std::optional<Secret> read_secret(const Node& node, std::string_view key, Scope scope) {
    if (const std::string fault = fault_of(node); !fault.empty()) {
        scope.reporter.error(node.position, '`' + std::string(key) + "` " + fault);
        scope.literal_secrets.push_back(node.position);
        return std::nullopt;
    }
    Secret secret;
    secret.position = node.position;
    if (const Node* env = node.find("env")) secret.env = env->text;
    if (const Node* file = node.find("file"))
        secret.file = resolve_path(scope.directory, file->text).string();
    return secret;
}

void resolve_secrets(Config& config, document::Problems& problems, SecretSource* source) {
    document::Reporter reporter(config.file, problems);
    for (ConnectionSettings& connection : config.connections) {
        if (connection.signing.key) resolve(*connection.signing.key, true, reporter, source);
        for (Secret& previous : connection.signing.previous_keys)
            resolve(previous, true, reporter, source);
    }
    for (NamedSecret& named : config.secrets)
        resolve(named.secret, false, reporter, source);
    if (config.input_encryption_key) {
        Secret& key = *config.input_encryption_key;
        resolve(key, false, reporter, source);
        if (!key.value.empty() && key.value.size() < aes256_key_bytes) {
            reporter.error(key.position, name_of(key) + " has " + std::to_string(key.value.size()) +
                                             " bytes; the first " +
                                             std::to_string(aes256_key_bytes) +
                                             " are the key, so it needs that many");
            key.value.clear();
        }
    }
    for (ClientSettings& client : config.clients) {
        const bool refers = !client.secret.env.empty() || !client.secret.file.empty();
        if (!refers) continue;  // its reader has said so
        resolve(client.secret, false, reporter, source);
        advise(client.secret, reporter);
    }
    for (SourceSettings& sender : config.sources) {
        const bool is_key = sender.proof == Proof::signature;
        if (sender.key) resolve(*sender.key, is_key, reporter, source);
        for (Secret& previous : sender.previous_keys)
            resolve(previous, is_key, reporter, source);
        if (!sender.report) continue;
        if (sender.report->client_id_secret)
            resolve(*sender.report->client_id_secret, false, reporter, source);
        const Secret& secret = sender.report->client_secret;
        if (!secret.env.empty() || !secret.file.empty())
            resolve(sender.report->client_secret, false, reporter, source);
    }
}

bool check_setting_secret(const Node& node, std::string_view name, Config& config,
                          document::Problems& problems) {
    document::Reporter reporter(config.file, problems);
    return read_secret(node, name, Scope{reporter, config.directory, config.literal_secrets})
        .has_value();
}

std::optional<std::string> read_setting_secret(const Node& node, std::string_view name,
                                               Config& config, document::Problems& problems,
                                               SecretSource* source) {
    document::Reporter reporter(config.file, problems);
    auto secret =
        read_secret(node, name, Scope{reporter, config.directory, config.literal_secrets});
    if (!secret) return std::nullopt;
    resolve(*secret, false, reporter, source);
    if (secret->value.empty()) return std::nullopt;
    return std::move(secret->value);
}

}  // namespace signalbox::config
