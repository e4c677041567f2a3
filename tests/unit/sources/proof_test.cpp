#include "sources/proof.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

using namespace sources_test;
using signalbox::config::Proof;
using signalbox::test::base64;
using signalbox::test::hex;
using signalbox::test::hmac;
using signing::Scheme;

namespace {

bool proven(const sources::Source& source, const Pairs& headers, const std::string& body,
            std::int64_t now_s = kNow_s) {
    return sources::prove(source, sources::verifier_of(source), {headers, body}, now_s).ok;
}

/// Each byte of `text` changed in turn, in its lowest bit.
template <class Each>
void for_each_flip(const std::string& text, Each each) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        each(changed);
    }
}

}  // namespace

TEST_CASE("source: the published vectors hold", "[sources]") {
    // V2, published by Port.
    CHECK(proven(source_of(Scheme::port_v1),
                 {{"x-port-timestamp", "1713277889"},
                  {"x-port-signature", "v1,uuBMfcio3oscejO5bOtL97K1AmiZjxDvou7sChjMNeE="}},
                 kBodyB));
    // V1, published by Microsoft, in upper case as it stands there.
    CHECK(proven(source_of(Scheme::hmac_sha1_hex, {"secret"}),
                 {{"x-port-signature", "750D33212D3AD4932CC390819050734831A0A94F"}},
                 R"({"resource":{"message":{"title":"Hello, world!","subtitle":"I'm using WebHooks!"}}})"));
    // GitHub's own, from its page on validating deliveries.
    CHECK(proven(source_of(Scheme::hmac_sha256_prefixed, {"It's a Secret to Everybody"}),
                 {{"x-hub-signature-256",
                   "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
                 "Hello, World!"));
    // The vector of the Standard Webhooks reference libraries' tests (secret, id, timestamp, body).
    const auto key = signing::key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    REQUIRE(key);
    CHECK(proven(source_of(Scheme::standard_webhooks, {*key}),
                 {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                  {"webhook-timestamp", "1614265330"},
                  {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
                 R"({"test": 2432232314})", 1'614'265'330));
}

TEST_CASE("source: V3 to V7 of the facts, derived, hold", "[sources]") {
    std::string short_body = kBodyB;
    short_body.replace(short_body.find(R"(,"headers":{})"), 13, "");
    REQUIRE(short_body.size() == 812);
    CHECK(proven(source_of(Scheme::port_v1),
                 {{"x-port-timestamp", "1713277889"},
                  {"x-port-signature", "v1,iqkRKLGPJtlvAQaqogy5YFBGaK0idyJXSyD85CM9SHI="}},
                 short_body));
    CHECK(proven(source_of(Scheme::hmac_sha1_hex),
                 {{"x-port-signature", "15d7b56923f76bad99bd334934b0eead625853e5"}}, short_body));
    CHECK(proven(source_of(Scheme::hmac_sha1_hex, {"secret"}),
                 {{"x-port-signature", "5e5bd5821ce90b3e229265b7f2a9f5ed27d3a16d"}},
                 R"({"properties":{"name":"Zoë ☕"},"port_context":{"runId":"r_jE5FhDURh4Uen2Qr"}})"));
    const std::string escaped =
        R"({"properties":{"name":"Zo\u00eb \u2615"},"port_context":{"runId":"r_jE5FhDURh4Uen2Qr"}})";
    CHECK(proven(source_of(Scheme::hmac_sha1_hex, {"secret"}),
                 {{"x-port-signature", "60115f2004c1748117ff78fb0d67cb57fcdc125c"}}, escaped));
    CHECK(proven(source_of(Scheme::hmac_sha1_hex, {"secret"}),
                 {{"x-port-signature", "25af6174a0fcecc4d346680a72b7ce644b9a88e8"}}, ""));
}

TEST_CASE("source: one changed byte anywhere is refused", "[sources]") {
    const std::string body = R"({"action":"deploy","payload":{"properties":{"env":"prod"}}})";
    const std::string timestamp = std::to_string(kNow_s);
    struct Sent {
        sources::Source source;
        signalbox::test::Headers headers;
    };
    const std::vector<Sent> all = {
        {source_of(Scheme::port_v1), signalbox::test::port_headers("test", timestamp, body)},
        {source_of(Scheme::standard_webhooks),
         signalbox::test::standard_webhooks_headers("test", "msg_1", timestamp, body)},
        {source_of(Scheme::hmac_sha1_hex),
         {{"x-port-signature", hex(hmac(EVP_sha1(), "test", body))}}},
        {source_of(Scheme::hmac_sha1_prefixed),
         {{"x-port-signature", "sha1=" + hex(hmac(EVP_sha1(), "test", body))}}},
        {source_of(Scheme::hmac_sha256_prefixed),
         {{"x-hub-signature-256", "sha256=" + hex(hmac(EVP_sha256(), "test", body))}}}};
    for (const Sent& sent : all) {
        CAPTURE(signing::scheme_name(sent.source.scheme));
        REQUIRE(proven(sent.source, pairs(sent.headers), body));
        for_each_flip(body, [&](const std::string& changed) {
            CHECK_FALSE(proven(sent.source, pairs(sent.headers), changed));
        });
        CHECK_FALSE(proven(sent.source, pairs(sent.headers), body + " "));
        CHECK_FALSE(proven(sent.source, pairs(sent.headers), body.substr(1)));
        for (const auto& [name, value] : sent.headers) {
            for_each_flip(value, [&, name = name](const std::string& changed) {
                auto headers = sent.headers;
                headers[name] = changed;
                CAPTURE(name, changed);
                CHECK_FALSE(proven(sent.source, pairs(headers), body));
            });
            auto without = sent.headers;
            without.erase(name);
            CHECK_FALSE(proven(sent.source, pairs(without), body));
            Pairs twice = pairs(sent.headers);
            twice.emplace_back(name, value);
            CHECK_FALSE(proven(sent.source, twice, body));
        }
    }
}

TEST_CASE("source: a timestamp is believed up to the tolerance and not one second more",
          "[sources]") {
    const std::string body = "{}";
    for (const Scheme scheme : {Scheme::port_v1, Scheme::standard_webhooks}) {
        sources::Source source = source_of(scheme);
        for (const std::int64_t tolerance_s : {1, 300, 3'600}) {
            source.tolerance_s = tolerance_s;
            const auto at = [&](std::int64_t sent_s) {
                const std::string timestamp = std::to_string(sent_s);
                const auto headers =
                    scheme == Scheme::port_v1
                        ? signalbox::test::port_headers("test", timestamp, body)
                        : signalbox::test::standard_webhooks_headers("test", "m", timestamp, body);
                return proven(source, pairs(headers), body);
            };
            CHECK(at(kNow_s - tolerance_s));
            CHECK_FALSE(at(kNow_s - tolerance_s - 1));
            CHECK(at(kNow_s + tolerance_s));
            CHECK_FALSE(at(kNow_s + tolerance_s + 1));
        }
    }
}

TEST_CASE("source: every key of a rotation holds, and a key that is gone does not", "[sources]") {
    const std::string body = "{}";
    const auto signed_with = [&](const char* key) {
        return pairs(signalbox::test::port_headers(key, std::to_string(kNow_s), body));
    };
    const auto during = source_of(Scheme::port_v1, {"new", "old", "older"});
    CHECK(proven(during, signed_with("new"), body));
    CHECK(proven(during, signed_with("old"), body));
    CHECK(proven(during, signed_with("older"), body));
    const auto after = source_of(Scheme::port_v1, {"new"});
    CHECK(proven(after, signed_with("new"), body));
    CHECK_FALSE(proven(after, signed_with("old"), body));
    CHECK_FALSE(proven(source_of(Scheme::port_v1, {}), signed_with("new"), body));
}

TEST_CASE("source: an id is at most as long as the limit", "[sources]") {
    const auto with_id = [](std::size_t bytes) {
        return proven(source_of(Scheme::standard_webhooks),
                      pairs(signalbox::test::standard_webhooks_headers(
                          "test", std::string(bytes, 'm'), std::to_string(kNow_s), "{}")),
                      "{}");
    };
    CHECK(with_id(signalbox::limits::source_id_bytes_max));
    CHECK_FALSE(with_id(signalbox::limits::source_id_bytes_max + 1));
    CHECK_FALSE(with_id(0));
}

TEST_CASE("source: basic and bearer credentials must be whole", "[sources]") {
    sources::Source basic = source_of(Scheme::none, {"pass:word", "older"});
    basic.proof = Proof::basic;
    basic.user = "hook";
    const auto authorized = [](const sources::Source& source, const std::string& value) {
        return proven(source, {{"authorization", value}}, "{}");
    };
    CHECK(authorized(basic, "Basic " + base64("hook:pass:word")));
    CHECK(authorized(basic, "BASIC " + base64("hook:older")));
    for (const char* wrong : {"hook:pass:wor", "hook:pass:word ", "hook:", "", ":pass:word",
                              "hoo:kpass:word", "Hook:pass:word"})
        CHECK_FALSE(authorized(basic, "Basic " + base64(wrong)));
    CHECK_FALSE(authorized(basic, "Basic hook:pass:word"));
    CHECK_FALSE(authorized(basic, "Basic"));
    CHECK_FALSE(authorized(basic, ""));
    sources::Source bearer = source_of(Scheme::none, {"token"});
    bearer.proof = Proof::bearer;
    CHECK(authorized(bearer, "Bearer token"));
    CHECK(authorized(bearer, "bearer token"));
    for (const char* wrong : {"Bearer", "Bearer ", "Bearer token ", "Bearer toke", "Bearer  token",
                              "token", "Basic dG9rZW4="})
        CHECK_FALSE(authorized(bearer, wrong));
}
