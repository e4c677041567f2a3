#include "api/clients.hpp"

#include <charconv>

#include "base/constant_time.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"

namespace signalbox::api {
namespace {

// A token is sb1.<base64url of "expiry:client id">.<hex HMAC-SHA256 of the part before it>.
constexpr std::string_view kPrefix = "sb1.";
/// What is compared with where there is nobody: as long as a digest.
constexpr std::string_view kNobodys = "................................";
constexpr signing::Scheme kTokenScheme = signing::Scheme::hmac_sha256_prefixed;

}  // namespace

Clients::Clients(const std::vector<config::ClientSettings>& clients, std::string_view token_key) {
    anyone_.trusted = true;
    anyone_.rights = static_cast<std::uint8_t>(config::Right::admin);
    known_.reserve(clients.size());
    for (const config::ClientSettings& settings : clients) {
        const std::string digest = sha256(settings.secret.value);
        known_.push_back({{settings.id, settings.rights, settings.trusted},
                          digest,
                          signing::Key(kTokenScheme, sha256(std::string(token_key) + digest))});
    }
}

const Clients::Known* Clients::find(std::string_view id) const {
    for (const Known& known : known_) {
        if (known.client.id == id) return &known;
    }
    return nullptr;
}

const Clients::Known* Clients::prove(std::string_view id, std::string_view secret) const {
    // Before the name is looked up: the hash is most of the work, and a long secret would tell.
    const std::string digest = sha256(secret);
    const Known* known = find(id);
    const bool equal =
        equal_in_constant_time(known ? std::string_view(known->secret_digest) : kNobodys, digest);
    return known && equal ? known : nullptr;
}

std::optional<std::string> Clients::token(std::string_view id, std::string_view secret,
                                          std::int64_t now_s) const {
    const Known* known = prove(id, secret);
    if (!known) return {};
    std::string token(kPrefix);
    token += to_base64url(std::to_string(now_s + token_s) + ":" + std::string(id));
    const std::string signature = known->token_key.sign(token, 0, {});
    return token + "." + signature.substr(signature.find('=') + 1);
}

const Client* Clients::of_secret(std::string_view id, std::string_view secret) const {
    const Known* known = prove(id, secret);
    return known ? &known->client : nullptr;
}

const Client* Clients::of_token(std::string_view token, std::int64_t now_s) {
    std::string key(token);
    auto found = genuine_.find(key);
    if (found == genuine_.end()) {
        const auto genuine = verify(token);
        if (!genuine) return nullptr;
        // They are few, unless somebody asks for a new one each time: then none is worth keeping.
        if (genuine_.size() >= remembered_max) genuine_.clear();
        found = genuine_.emplace(std::move(key), *genuine).first;
    }
    if (found->second.expires_s > now_s) return &known_[found->second.known].client;
    genuine_.erase(found);
    return nullptr;
}

std::optional<Clients::Genuine> Clients::verify(std::string_view token) const {
    if (token.substr(0, kPrefix.size()) != kPrefix) return {};
    const std::size_t dot = token.rfind('.');
    if (dot < kPrefix.size()) return {};
    const auto claims = from_base64url(token.substr(kPrefix.size(), dot - kPrefix.size()));
    if (!claims) return {};
    const std::size_t colon = claims->find(':');
    if (colon == std::string::npos) return {};
    std::int64_t expires_s = 0;
    const auto [end, failed] = std::from_chars(claims->data(), claims->data() + colon, expires_s);
    if (failed != std::errc() || end != claims->data() + colon) return {};

    const Known* known = find(std::string_view(*claims).substr(colon + 1));
    if (!known) return {};
    const std::string signature = known->token_key.sign(token.substr(0, dot), 0, {});
    const bool genuine = equal_in_constant_time(
        std::string_view(signature).substr(signature.find('=') + 1), token.substr(dot + 1));
    if (!genuine) return {};
    return Genuine{static_cast<std::size_t>(known - known_.data()), expires_s};
}

}  // namespace signalbox::api
