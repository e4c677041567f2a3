#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.hpp"
#include "signalbox/result.hpp"
#include "signing/scheme.hpp"

/// Who may call, and the tokens they call with.
namespace signalbox::api {

struct Client {
    std::string id;
    std::uint8_t rights = 0;  ///< of config::Right, or-ed
    bool trusted = false;     ///< it may say whom it speaks for
    bool may(config::Right right) const {
        return (rights & static_cast<std::uint8_t>(config::Right::admin)) != 0 ||
               (rights & static_cast<std::uint8_t>(right)) != 0;
    }
};

/// Tokens are signed, not stored: one is valid for three hours, survives a restart, and is void once the
/// client's secret (which enters its key) has changed or the client is gone. [loop thread]
class Clients {
  public:
    static constexpr std::int64_t token_s = 3 * 60 * 60;
    static constexpr std::size_t remembered_max = 1'024;

    /// `token_key` is the journal's; secrets are resolved.
    Clients(const std::vector<config::ClientSettings>& clients, std::string_view token_key);

    /// No clients are configured: everybody has every right and needs no token.
    bool open() const { return known_.empty(); }
    bool knows(std::string_view id) const { return find(id) != nullptr; }

    /// A token for a client that proves itself; none: unknown client or wrong secret, and neither is told
    /// from the other by how long it takes.
    std::optional<std::string> token(std::string_view id, std::string_view secret,
                                     std::int64_t now_s) const;
    /// Who a token belongs to; null: nobody, or no longer. In constant time as to the signature. A token that
    /// was found genuine is remembered, so its signature is computed once and not for each request.
    const Client* of_token(std::string_view token, std::int64_t now_s);
    /// Who proves itself by id and secret; null: nobody, as for token().
    const Client* of_secret(std::string_view id, std::string_view secret) const;
    std::size_t remembered() const { return genuine_.size(); }
    /// Everybody, where open().
    const Client& anyone() const { return anyone_; }

  private:
    struct Known {
        Client client;
        std::string secret_digest;
        signing::Key token_key;
    };
    struct Genuine {
        std::size_t known = 0;  // an index
        std::int64_t expires_s = 0;
    };
    const Known* find(std::string_view id) const;
    const Known* prove(std::string_view id, std::string_view secret) const;
    std::optional<Genuine> verify(std::string_view token) const;

    std::vector<Known> known_;
    Client anyone_;
    std::unordered_map<std::string, Genuine> genuine_;  // by token
};

}  // namespace signalbox::api
