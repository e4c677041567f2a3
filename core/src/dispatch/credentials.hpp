#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/target.hpp"
#include "dispatch/transport.hpp"
#include "signalbox/clock.hpp"

namespace signalbox::dispatch {

/// Fetches what a connection's step fetches, keeps it in memory until it expires, and lets all attempts
/// that ask meanwhile share one exchange. [loop thread]
class Credentials {
  public:
    /// Both must outlive this.
    Credentials(const Clock& clock, Transport& transport) : clock_(clock), transport_(transport) {}

    /// A granted credential, or why there is none; `fresh`: fetched for this very attempt.
    using Ready = std::function<void(const plugins::Credential& credential, bool fresh)>;

    /// `ready` runs at once where a credential is kept. The target must outlive the exchange.
    void get(const Target& target, Ready ready);
    /// Forgets what is kept: the target refused it.
    void drop(const std::string& connection);
    /// Ends the exchanges under way.
    void cancel_all();

  private:
    struct Kept {
        std::optional<plugins::Credential> credential;
        std::int64_t until_ms = 0;  // steady
        ExchangeId exchange = 0;
        std::vector<Ready> waiting;
    };

    void fetch(const Target& target, Kept& kept);
    void fetched(const Target& target, const WireReply& reply);
    void settle(const std::string& connection, const plugins::Credential& credential);

    const Clock& clock_;
    Transport& transport_;
    std::map<std::string, Kept> kept_;
};

}  // namespace signalbox::dispatch
