#include "journal/sqlite/known_messages.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::journal::sqlite {

Error keys_full_error(const ReplayKey& key) {
    return Error{"replay_keys_full",
                 "The source '" + key.source + "' has sent " + std::to_string(key.keys_max) +
                     " messages that must still be told from replays, which is the most; nothing "
                     "more of it is taken until the oldest have expired."};
}

std::uint64_t KnownMessages::message_of(std::string_view digest) {
    std::uint64_t message = 0;
    std::memcpy(&message, digest.data(), std::min(digest.size(), sizeof message));
    return message;
}

void KnownMessages::load(const std::string& source, std::uint64_t message, std::int64_t expires_ms) {
    std::int64_t& kept = kept_[source][message];
    kept = std::max(kept, expires_ms);
}

void KnownMessages::clear() {
    kept_.clear();
    undo_.clear();
}

std::optional<Error> KnownMessages::refusal_of(const ReplayKey& key, std::int64_t now_ms) const {
    const auto source = kept_.find(key.source);
    if (source == kept_.end()) return std::nullopt;
    const auto found = source->second.find(message_of(key.digest));
    if (found == source->second.end() || found->second <= now_ms) return std::nullopt;
    return Error{"replay_refused", "The source '" + key.source +
                                       "' has sent this message before, and it was taken then; a "
                                       "message is taken once."};
}

bool KnownMessages::is_full(const ReplayKey& key) const {
    const auto source = kept_.find(key.source);
    const std::size_t others =
        source == kept_.end()
            ? 0
            : source->second.size() - source->second.count(message_of(key.digest));
    return others >= key.keys_max;
}

void KnownMessages::keep(const ReplayKey& key) {
    set(key.source, message_of(key.digest), key.expires_ms);
}

void KnownMessages::expire(const std::string& source, std::uint64_t message, std::int64_t expires_ms) {
    const Kept& kept = kept_[source];
    const auto found = kept.find(message);
    if (found != kept.end() && found->second == expires_ms) set(source, message, std::nullopt);
}

void KnownMessages::set(const std::string& source, std::uint64_t message,
                        std::optional<std::int64_t> expires_ms) {
    Kept& kept = kept_[source];
    Before& before = undo_.emplace_back(Before{source, message, std::nullopt});
    if (const auto found = kept.find(message); found != kept.end()) before.expires_ms = found->second;
    if (expires_ms) {
        kept[message] = *expires_ms;
    } else {
        kept.erase(message);
    }
}

void KnownMessages::undo_one() {
    const Before before = std::move(undo_.back());
    undo_.pop_back();
    if (before.expires_ms) {
        kept_[before.source][before.message] = *before.expires_ms;
    } else {
        kept_[before.source].erase(before.message);
    }
}

void KnownMessages::undo() {
    while (!undo_.empty())
        undo_one();
}

}  // namespace signalbox::journal::sqlite
