#include "actions/report.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace signalbox::actions {
namespace {

constexpr std::size_t kQuotedBytesMax = 80;

}  // namespace

void Report::error(document::Position position, std::string message) {
    problems_.push_back({document::Problem::Severity::error, file_, position, std::move(message)});
}

void Report::warning(document::Position position, std::string message) {
    problems_.push_back(
        {document::Problem::Severity::warning, file_, position, std::move(message)});
}

void Report::unavailable(document::Position position, const std::string& reason) {
    problems_.push_back({document::Problem::Severity::warning, file_, position,
                         reason + "; the action cannot be invoked here"});
    if (!action_.unavailable.empty()) return;
    action_.unavailable = reason;
    action_.unavailable_position = position;
}

bool Report::is(const document::Node& node, document::Node::Kind kind, std::string_view what) {
    if (node.kind == kind) return true;
    error(node.position, std::string(what) + " must be " + std::string(document::kind_name(kind)) +
                             ", found " + document::kind_name(node.kind));
    return false;
}

std::string Report::text(const document::Node& mapping, std::string_view key) {
    const document::Node* node = mapping.find(key);
    if (node == nullptr || node->kind == document::Node::Kind::null) return {};
    if (!is(*node, document::Node::Kind::string, "`" + std::string(key) + "`")) return {};
    return node->text;
}

void Report::refuse_unknown(const document::Node& mapping, const std::vector<std::string>& known,
                            std::string_view where) {
    for (const document::Node::Member& member : mapping.members) {
        if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
        error(member.key_position, "unknown key " + in_quotes(member.key) + " in " +
                                       std::string(where) + did_you_mean(member.key, known) +
                                       "; accepted are " + listed(known));
    }
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& accepted) {
    const std::string_view near = nearest(word, accepted);
    return near.empty() ? std::string() : "; did you mean " + in_quotes(near) + "?";
}

std::string in_quotes(std::string_view text) {
    if (text.size() <= kQuotedBytesMax) return '"' + std::string(text) + '"';
    std::size_t end = kQuotedBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return '"' + std::string(text.substr(0, end)) + "…\"";
}

}  // namespace signalbox::actions
