#include "wiring/sources.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/encoding.hpp"
#include "signing/scheme.hpp"
#include "sources/mapping.hpp"

namespace signalbox::wiring {
namespace {

using document::Node;
using document::Problem;

/// Templates of actions that this version cannot fill make the action unavailable; here they are errors.
actions::Template compile(Assembly& assembly, const Node& node) {
    document::Problems found;
    auto compiled = actions::Template::compile_paths(node, assembly.config.file, found,
                                                     sources::message_roots());
    for (Problem& problem : found) {
        problem.severity = Problem::Severity::error;
        assembly.problems.push_back(std::move(problem));
    }
    if (!compiled.secrets().empty()) {
        assembly.refuse(node.position,
                        "a source's template names a secret, and messages are shown; put the secret "
                        "into the action that it invokes");
    }
    return compiled;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

void add_keys(const config::SourceSettings& written, sources::Source& source) {
    const auto add = [&](const config::Secret& secret) {
        if (secret.value.empty()) return;  // said where it was looked for
        if (source.proof != config::Proof::signature) return source.keys.push_back(secret.value);
        if (auto bytes = signing::key_bytes(secret.value)) source.keys.push_back(std::move(*bytes));
    };
    if (written.key) add(*written.key);
    for (const config::Secret& previous : written.previous_keys)
        add(previous);
}

/// Nothing that is signed names a source, so a message that one has taken would be new to the other.
void warn_of_shared_keys(Assembly& assembly, const config::SourceSettings& written,
                         const sources::Source& source,
                         const std::vector<sources::Source>& before) {
    for (const sources::Source& other : before) {
        if (other.proof != source.proof || other.scheme != source.scheme) continue;
        const auto shares = [&other](const std::string& key) {
            return std::find(other.keys.begin(), other.keys.end(), key) != other.keys.end();
        };
        if (std::none_of(source.keys.begin(), source.keys.end(), shares)) continue;
        assembly.problems.push_back(
            {Problem::Severity::warning, assembly.config.file, written.position,
             "sources '" + other.name + "' and '" + source.name +
                 "' have a key in common, so a message that one of them has taken can be sent to the "
                 "other once more; give each a key of its own"});
    }
}

/// An action that is named outright must be there; one that a template names is looked for then.
void check_action(Assembly& assembly, const Node& node) {
    if (node.text.find("{{") != std::string::npos || node.text.empty()) return;
    if (assembly.catalog.count(node.text) != 0) return;
    std::vector<std::string> known;
    for (const auto& [identifier, offer] : assembly.catalog)
        known.push_back(identifier);
    const std::string_view near = nearest(node.text, known);
    assembly.refuse(node.position,
                    "there is no action '" + node.text + "'" +
                        (near.empty() ? std::string()
                                      : "; did you mean '" + std::string(near) + "'?"));
}

}  // namespace

std::vector<sources::Source> read_sources(Assembly& assembly) {
    std::vector<sources::Source> all;
    for (const config::SourceSettings& written : assembly.config.sources) {
        sources::Source source;
        source.name = written.name;
        source.proof = written.proof;
        source.scheme = written.scheme;
        source.header = lower(written.header.empty() ? signing::default_header(written.scheme)
                                                     : written.header);
        source.user = written.user;
        add_keys(written, source);
        source.tolerance_s = written.tolerance_ms / 1'000;
        source.keep_ms = written.keep_ms;
        source.per_second = written.per_second;
        for (const config::SourceCondition& condition : written.when)
            source.when.push_back({compile(assembly, condition.value), condition.is});
        if (written.action) {
            check_action(assembly, *written.action);
            source.action = compile(assembly, *written.action);
        }
        if (written.properties) source.properties = compile(assembly, *written.properties);
        if (written.entity) source.entity = compile(assembly, *written.entity);
        source.reports = written.report.has_value();
        warn_of_shared_keys(assembly, written, source, all);
        all.push_back(std::move(source));
    }
    return all;
}

std::vector<sources::ReportTo> reports_of(const Assembly& assembly) {
    std::vector<sources::ReportTo> all;
    for (const config::SourceSettings& written : assembly.config.sources) {
        if (!written.report) continue;
        const config::SourceReportSettings& report = *written.report;
        sources::ReportTo to;
        to.source = written.name;
        to.url = report.url;
        to.client_id =
            report.client_id_secret ? report.client_id_secret->value : report.client_id;
        to.client_secret = report.client_secret.value;
        to.egress_allow = report.egress_allow;
        to.tls = {report.tls.ca.file, report.tls.certificate.file, report.tls.key.file};
        to.first_ms = report.first_ms;
        to.cap_ms = report.cap_ms;
        all.push_back(std::move(to));
    }
    return all;
}

}  // namespace signalbox::wiring
