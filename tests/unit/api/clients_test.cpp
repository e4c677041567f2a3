#include "api/clients.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;
using namespace signalbox::api;
using config::Right;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

config::ClientSettings client(std::string id, std::string secret, Right right) {
    config::ClientSettings settings;
    settings.id = std::move(id);
    settings.secret.value = std::move(secret);
    settings.rights = static_cast<std::uint8_t>(right);
    return settings;
}

const std::vector<config::ClientSettings> kTwo = {client("portal", "p-secret", Right::invoke),
                                                  client("ops", "o-secret", Right::admin)};

}  // namespace

TEST_CASE("api: a token names its client until three hours have passed", "[api]") {
    Clients clients(kTwo, "key");
    const auto token = clients.token("portal", "p-secret", kNow);
    REQUIRE(token);
    REQUIRE(clients.of_token(*token, kNow));
    CHECK(clients.of_token(*token, kNow)->id == "portal");
    CHECK(clients.of_token(*token, kNow + Clients::token_s - 1));
    CHECK_FALSE(clients.of_token(*token, kNow + Clients::token_s));
}

TEST_CASE("api: a wrong secret or an unknown client gets no token", "[api]") {
    Clients clients(kTwo, "key");
    CHECK_FALSE(clients.token("portal", "o-secret", kNow));
    CHECK_FALSE(clients.token("nobody", "p-secret", kNow));
    CHECK_FALSE(clients.token("portal", "", kNow));
}

TEST_CASE("api: a token survives a restart and is void when its secret changes", "[api]") {
    const auto token = *Clients(kTwo, "key").token("portal", "p-secret", kNow);
    CHECK(Clients(kTwo, "key").of_token(token, kNow));
    CHECK_FALSE(Clients(kTwo, "another journal").of_token(token, kNow));
    const std::vector<config::ClientSettings> changed = {client("portal", "new", Right::invoke)};
    CHECK_FALSE(Clients(changed, "key").of_token(token, kNow));
    const std::vector<config::ClientSettings> gone = {client("ops", "o-secret", Right::admin)};
    CHECK_FALSE(Clients(gone, "key").of_token(token, kNow));
}

TEST_CASE("api: no token with any one byte changed is taken", "[api]") {
    Clients clients(kTwo, "key");
    const auto token = *clients.token("portal", "p-secret", kNow);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string forged = token;
        forged[i] = forged[i] == 'a' ? 'b' : 'a';
        CHECK_FALSE(clients.of_token(forged, kNow));
        CHECK_FALSE(clients.of_token(token.substr(0, i), kNow));
    }
}

TEST_CASE("api: admin has every right and another has its own only", "[api]") {
    Client some{"a", static_cast<std::uint8_t>(Right::view)};
    CHECK(some.may(Right::view));
    CHECK_FALSE(some.may(Right::invoke));
    CHECK_FALSE(some.may(Right::admin));
    Client admin{"b", static_cast<std::uint8_t>(Right::admin)};
    for (const Right right :
         {Right::invoke, Right::view, Right::report, Right::approve, Right::admin}) {
        CHECK(admin.may(right));
    }
}

TEST_CASE("api: tokens are remembered up to a limit and all are taken past it", "[api]") {
    Clients clients(kTwo, "key");
    const auto nth = [&](std::size_t n) {
        return *clients.token("portal", "p-secret", kNow + static_cast<std::int64_t>(n));
    };
    for (std::size_t n = 0; n < Clients::remembered_max; ++n)
        REQUIRE(clients.of_token(nth(n), kNow));
    CHECK(clients.remembered() == Clients::remembered_max);
    CHECK(clients.of_token(nth(Clients::remembered_max), kNow));
    CHECK(clients.remembered() == 1);
    CHECK(clients.of_token(nth(0), kNow));
}

TEST_CASE("api: a token that was remembered ends when it expires and is forgotten", "[api]") {
    Clients clients(kTwo, "key");
    const auto token = *clients.token("ops", "o-secret", kNow);
    REQUIRE(clients.of_token(token, kNow));
    CHECK_FALSE(clients.of_token(token, kNow + Clients::token_s));
    CHECK(clients.remembered() == 0);
    // What is no token is not remembered either.
    CHECK_FALSE(clients.of_token(token + "0", kNow));
    CHECK(clients.remembered() == 0);
}
