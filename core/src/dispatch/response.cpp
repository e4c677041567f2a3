#include "dispatch/response.hpp"

#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::dispatch {
namespace {

/// Whole: what is cut before it is censored may end in the beginning of a secret.
std::string readable(std::string_view words) {
    if (const auto value = json::parse(words)) return json::write(*value);
    return plugins::clean_text(words, 3 * words.size());
}

std::string cut(const std::string& words) {
    return plugins::clean_text(words, limits::run_response_bytes_max);
}

}  // namespace

std::string kept_response(std::string_view words) {
    return cut(readable(words));
}

std::string response_of(const WireReply& reply, const plugins::Verdict& verdict,
                        const Composed& composed, const Censor& own) {
    if (verdict.response.empty()) return {};
    // A blocking target has no reply but what it says itself.
    std::string words = readable(reply.status == 0 ? std::string_view(verdict.response)
                                                   : std::string_view(reply.body));
    if (composed.filling) composed.filling->censor(words);
    composed.censor.censor(words);
    own.censor(words);
    return cut(words);
}

}  // namespace signalbox::dispatch
