#include "redacting_log.hpp"

#include <algorithm>

namespace signalbox {
namespace {

std::string redacted(std::string_view text, const std::vector<std::string>& values) {
    std::string out(text);
    for (const std::string& value : values) {
        for (std::size_t at = out.find(value); at != out.npos; at = out.find(value, at + 3))
            out.replace(at, value.size(), "***");
    }
    return out;
}

}  // namespace

void RedactingLog::learn(const std::string& value) {
    if (value.size() < value_bytes_min) return;
    const std::lock_guard lock(mutex_);
    if (std::find(values_.begin(), values_.end(), value) != values_.end()) return;
    const auto place = std::find_if(values_.begin(), values_.end(), [&](const std::string& other) {
        return other.size() < value.size();
    });
    values_.insert(place, value);
}

void RedactingLog::learn(const wiring::Assembly& assembly) {
    for (const config::ConnectionSettings& connection : assembly.config.connections) {
        if (connection.signing.key) learn(connection.signing.key->value);
        for (const config::Secret& previous : connection.signing.previous_keys)
            learn(previous.value);
    }
    for (const config::NamedSecret& named : assembly.config.secrets)
        learn(named.secret.value);
    if (assembly.config.input_encryption_key) learn(assembly.config.input_encryption_key->value);
    for (const config::ClientSettings& client : assembly.config.clients)
        learn(client.secret.value);
    for (const config::SourceSettings& source : assembly.config.sources) {
        if (source.key) learn(source.key->value);
        for (const config::Secret& previous : source.previous_keys)
            learn(previous.value);
        if (source.report) learn(source.report->client_secret.value);
    }
    for (const wiring::Connection& connection : assembly.connections) {
        for (const auto& [name, value] : connection.secrets)
            learn(value);
    }
}

void RedactingLog::write(const LogEvent& event) {
    const std::lock_guard lock(mutex_);
    LogEvent shown = event;
    const std::string message = redacted(event.message, values_);
    shown.message = message;
    for (auto& [name, value] : shown.fields)
        value = redacted(value, values_);
    next_.write(shown);
}

}  // namespace signalbox
