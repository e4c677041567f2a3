#include <algorithm>
#include <array>
#include <cctype>

#include "base/limits.hpp"
#include "config/secrets.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

// A signature in one of these would break the request or never arrive.
constexpr std::array<std::string_view, 8> reserved_headers = {
    "host",       "content-length", "content-type", "transfer-encoding",
    "connection", "expect",         "te",           "upgrade"};

bool is_header_name(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= limits::config_name_bytes_max &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                      marks.find(c) != std::string_view::npos;
           });
}

bool is_reserved(std::string_view header) {
    std::string lower(header);
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return std::find(reserved_headers.begin(), reserved_headers.end(), lower) !=
           reserved_headers.end();
}

void read_scheme(const Node& node, SigningSettings& signing, Scope scope) {
    const std::optional<std::string> name = read_string(node, "scheme", scope);
    if (!name) return;
    if (const auto scheme = signing::scheme_from_name(*name)) {
        signing.scheme = *scheme;
    } else {
        scope.reporter.error(node.position, found(node) + " is not a signing scheme; accepted: " +
                                                join(signing::scheme_names()) +
                                                did_you_mean(*name, signing::scheme_names()));
    }
}

void check_key_fits(const Fields& fields, const SigningSettings& signing, const Node& node,
                    Scope scope) {
    const bool is_none = fields.has("scheme") && node.find("scheme")->text == "none";
    if (is_none) {
        for (const char* key : {"key", "previous_keys", "header"}) {
            if (const Node* extra = node.find(key))
                scope.reporter.error(extra->position,
                                     "`scheme: none` signs nothing, so `" + std::string(key) +
                                         "` has no use; remove it, or name a scheme");
        }
    } else if (fields.is_mapping() && !fields.has("key")) {
        scope.reporter.error(signing.position,
                             "`signing` has no `key`; add key: {env: NAME} or {file: "
                             "PATH}, or write scheme: none to send unsigned requests");
    }
}

}  // namespace

std::string read_header(const Node& node, Scope scope) {
    const std::optional<std::string> header = read_string(node, "header", scope);
    if (!header) return {};
    if (!is_header_name(*header)) {
        // Beside a key it may be the key itself, in the wrong place.
        scope.reporter.error(node.position,
                             "`header` is a text of " + std::to_string(header->size()) +
                                 " bytes that is not the name of an HTTP header, as "
                                 "X-Port-Signature is");
    } else if (is_reserved(*header)) {
        scope.reporter.error(node.position, "the header " + found(node) +
                                                " has a meaning of its own and "
                                                "cannot carry the signature; name another");
    } else {
        return *header;
    }
    return {};
}

std::vector<Secret> read_previous_keys(const Node& node, Scope scope) {
    std::vector<Secret> keys;
    const auto* items = read_list(node, "previous_keys", "{env: NAME} or {file: PATH}", scope);
    if (items == nullptr) return keys;
    if (items->size() > limits::config_previous_keys_max)
        scope.reporter.error(node.position, "`previous_keys` has " + std::to_string(items->size()) +
                                                " keys; accepted are at most " +
                                                std::to_string(limits::config_previous_keys_max));
    for (const Node& item : *items) {
        if (auto key = read_secret(item, "previous_keys", scope)) keys.push_back(std::move(*key));
    }
    return keys;
}

SigningSettings read_signing(const Node& node, Scope scope) {
    SigningSettings signing;
    signing.written = true;
    signing.position = node.position;
    const Fields fields(node, "`signing`", {"scheme", "header", "key", "previous_keys"}, scope);
    signing.scheme_written = fields.has("scheme");
    if (const Node* scheme = fields.find("scheme")) read_scheme(*scheme, signing, scope);
    if (const Node* header = fields.find("header")) signing.header = read_header(*header, scope);
    if (const Node* key = node.find("key")) signing.key = read_secret(*key, "key", scope);
    if (const Node* previous = fields.find("previous_keys"))
        signing.previous_keys = read_previous_keys(*previous, scope);
    check_key_fits(fields, signing, node, scope);
    return signing;
}

}  // namespace signalbox::config
