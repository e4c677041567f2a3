#include "config/redaction.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "document/excerpt.hpp"

namespace signalbox::config {
namespace {

constexpr const char* kMask = "***";
constexpr std::size_t kWhole = std::string_view::npos;

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::size_t indentation(std::string_view line) {
    return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_key_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool names_secret(std::string_view key) {
    std::string lower(key);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view words[] = {"secret", "key",  "kye",        "token",  "pass",
                                          "pwd",    "auth", "credential", "bearer", "hmac"};
    return std::any_of(std::begin(words), std::end(words), [&lower](std::string_view word) {
        return lower.find(word) != std::string::npos;
    });
}

/// `{env: NAME}` or `{ "file": "PATH" }` at the front, however it is spaced; also a bare `env:
/// NAME`, as it stands on the line below its key.
bool begins_with_reference(std::string_view text) {
    const auto skip = [&text](std::string_view accepted) {
        text.remove_prefix(std::min(text.find_first_not_of(accepted), text.size()));
    };
    skip(" \t-");
    const bool braced = text.starts_with('{');
    if (braced) text.remove_prefix(1);
    skip(" \t\"'");
    const bool env = text.starts_with("env");
    if (!env && !text.starts_with("file")) return false;
    text.remove_prefix(env ? 3 : 4);
    skip(" \t\"'");
    if (!text.starts_with(':')) return false;
    text.remove_prefix(1);
    skip(" \t\"'");
    // A name, and nothing behind it but the form's end: `{env: s3cret, x}` is not one.
    const std::size_t name =
        std::find_if_not(
            text.begin(), text.end(),
            [&](char c) { return is_key_character(c) || (!env && (c == '/' || c == '.')); }) -
        text.begin();
    text.remove_prefix(name);
    skip(" \t\"'");
    return name > 0 && (text.empty() || text.front() == '#' || (braced && text.front() == '}'));
}

/// Where the value begins behind the first key of the line that names a secret and does not refer
/// to one; npos: there is none. `open`: the value is on the lines below.
struct Found {
    std::size_t value = kWhole;
    bool open = false;
};

Found find_secret(std::string_view line) {
    for (std::size_t colon = line.find(':'); colon != line.npos;
         colon = line.find(':', colon + 1)) {
        std::size_t end = colon;
        while (end > 0 && std::string_view(" \t\"'").find(line[end - 1]) != kWhole)
            --end;
        std::size_t begin = end;
        while (begin > 0 && is_key_character(line[begin - 1]))
            --begin;
        if (!names_secret(line.substr(begin, end - begin))) continue;
        const std::string_view value = line.substr(colon + 1);
        if (is_blank(value)) return {kWhole, true};
        if (begins_with_reference(value)) continue;
        return {colon + 1 + indentation(value), false};
    }
    return {};
}

/// Do the lines above say that this one is part of a secret's value?
bool is_within_secret(std::string_view text, std::uint32_t number, std::string_view line) {
    std::size_t depth = indentation(line);
    while (--number > 0 && depth > 0) {
        const auto above = document::line_of(text, number);
        if (!above || is_blank(*above) || indentation(*above) >= depth) continue;
        depth = indentation(*above);
        const Found found = find_secret(*above);
        if (found.open || found.value != kWhole) return true;
    }
    return false;
}

/// Is the line one of those that a value at `place` may go on in?
bool continues(std::string_view text, document::Position place, std::uint32_t number) {
    const auto first = document::line_of(text, place.line);
    if (!first || number <= place.line) return false;
    const std::size_t own = indentation(*first);
    const bool stands_alone = place.column == own + 1;
    for (std::uint32_t at = place.line + 1; at <= number; ++at) {
        const auto line = document::line_of(text, at);
        if (!line) return false;
        if (is_blank(*line)) continue;
        if (indentation(*line) < own || (!stands_alone && indentation(*line) == own)) return false;
    }
    return true;
}

/// The byte at which a column (counted in characters) begins.
std::size_t byte_of(std::string_view line, std::uint32_t column) {
    std::size_t byte = 0;
    for (std::uint32_t at = 1; at < column && byte < line.size(); ++at) {
        ++byte;
        while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U)
            ++byte;
    }
    return byte;
}

}  // namespace

std::string redacted_line(const Config& config, std::string_view text, std::uint32_t number) {
    const auto found = document::line_of(text, number);
    if (!found) return {};
    const std::string_view line = *found;
    std::size_t from = find_secret(line).value;
    // Below `secrets` stand names of people's own, each with its reference.
    const std::size_t colon = std::min(line.find(':'), line.size() - (line.empty() ? 0 : 1));
    const bool refers =
        begins_with_reference(line) ||
        (!line.empty() && begins_with_reference(line.substr(colon + 1)));
    if (!refers && is_within_secret(text, number, line)) from = indentation(line);
    for (const document::Position& place : config.literal_secrets) {
        if (place.line == number) from = std::min(from, byte_of(line, place.column));
        if (continues(text, place, number)) from = std::min(from, indentation(line));
    }
    if (from >= line.size()) return std::string(line);
    return std::string(line.substr(0, from)) + kMask;
}

}  // namespace signalbox::config
