#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// The messages from outside that were taken and may still come again, in memory: some 30 bytes of each. A
/// message is told from others by the first 64 bits of its digest, which is a hash: a new one is taken for one
/// of a million others once in 10^13 (decision 19). What is done can be undone until it is accepted. One
/// thread at a time.
class KnownMessages {
  public:
    static std::uint64_t message_of(std::string_view digest);

    /// One that the file has. Nothing to undo.
    void load(const std::string& source, std::uint64_t message, std::int64_t expires_ms);
    void clear();

    /// `replay_refused` where it is known and has not expired at `now_ms`.
    std::optional<Error> refusal_of(const ReplayKey& key, std::int64_t now_ms) const;
    /// Its source has as many others as it may have.
    bool is_full(const ReplayKey& key) const;
    void keep(const ReplayKey& key);
    /// Forgets it, unless it came again since and is kept for longer.
    void expire(const std::string& source, std::uint64_t message, std::int64_t expires_ms);

    void accept() { undo_.clear(); }
    void undo_one();
    void undo();

  private:
    using Kept = boost::unordered_flat_map<std::uint64_t, std::int64_t>;  // when it expires
    struct Before {
        std::string source;
        std::uint64_t message = 0;
        std::optional<std::int64_t> expires_ms;  ///< none: it was not kept
    };
    void set(const std::string& source, std::uint64_t message, std::optional<std::int64_t> expires_ms);

    std::map<std::string, Kept> kept_;  // by source
    std::vector<Before> undo_;
};

/// `replay_keys_full`
Error keys_full_error(const ReplayKey& key);

}  // namespace signalbox::journal::sqlite
