#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "base/encoding.hpp"
#include "signing/scheme.hpp"
#include "signing/verifier.hpp"

using namespace signalbox;
using namespace signalbox::signing;
using Catch::Matchers::Contains;

namespace {

// Port's published test message (port-agent), without and with its last member.
const std::string kPortMessage =
    R"({"action":"Create","resourceType":"run","status":"TRIGGERED","trigger":{"by":{"orgId":"test_org","userId":"test_user"},"origin":"UI","at":"2022-11-16T16:31:32.447Z"},"context":{"entity":null,"blueprint":"Service","runId":"r_jE5FhDURh4Uen2Qr"},"payload":{"entity":null,"action":{"id":"action_34aweFQtayw7SCVb","identifier":"Create","title":"Create","icon":"DefaultBlueprint","userInputs":{"properties":{"foo":{"type":"string","description":"Description"},"bar":{"type":"number","description":"Description"}},"required":[]},"invocationMethod":{"type":"WEBHOOK","agent":true,"url":"http://localhost:80/api/test"},"trigger":"CREATE","description":"","blueprint":"Service","createdAt":"2022-11-15T09:58:52.863Z","createdBy":"test_user","updatedAt":"2022-11-15T09:58:52.863Z","updatedBy":"test_user"},"properties":{}})";
const std::string kPortBody = kPortMessage + "}";
const std::string kPortBodyWithHeaders = kPortMessage + R"(,"headers":{}})";
constexpr std::int64_t kPortTime = 1'713'277'889;

const std::string kMicrosoftBody =
    R"({"resource":{"message":{"title":"Hello, world!","subtitle":"I'm using WebHooks!"}}})";

const Scheme kSigningSchemes[] = {Scheme::hmac_sha1_hex, Scheme::hmac_sha1_prefixed,
                                  Scheme::hmac_sha256_prefixed, Scheme::port_v1,
                                  Scheme::standard_webhooks};

std::string sign(Scheme scheme, std::string_view key, std::string_view body,
                 std::int64_t unix_seconds = 0, std::string_view id = {}) {
    return Key(scheme, key).sign(body, unix_seconds, id);
}

std::string upper(std::string text) {
    for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

/// Verifies a body signed at second 1000 with id `m1`.
Verification check(Scheme scheme, const std::string& key, std::string_view body,
                   std::string_view signature, std::int64_t now_s = 1'000) {
    return verify(scheme, {key}, body, signature, "1000", "m1", now_s, 300);
}

}  // namespace

TEST_CASE("signing: the HMAC-SHA1 vector that Microsoft publishes is met", "[signing]") {
    REQUIRE(kMicrosoftBody.size() == 83);
    const std::string expected = "750D33212D3AD4932CC390819050734831A0A94F";
    CHECK(upper(sign(Scheme::hmac_sha1_hex, "secret", kMicrosoftBody)) == expected);
    CHECK(check(Scheme::hmac_sha1_hex, "secret", kMicrosoftBody, expected).ok);
}

TEST_CASE("signing: the v1 vector that Port publishes is met", "[signing]") {
    REQUIRE(kPortBodyWithHeaders.size() == 825);
    REQUIRE(kPortBody.size() == 812);
    const std::string published = "v1,uuBMfcio3oscejO5bOtL97K1AmiZjxDvou7sChjMNeE=";
    CHECK(sign(Scheme::port_v1, "test", kPortBodyWithHeaders, kPortTime) == published);
    CHECK(sign(Scheme::port_v1, "test", kPortBody, kPortTime) ==
          "v1,iqkRKLGPJtlvAQaqogy5YFBGaK0idyJXSyD85CM9SHI=");
    CHECK(verify(Scheme::port_v1, {"test"}, kPortBodyWithHeaders, published, "1713277889", "",
                 kPortTime, 300)
              .ok);
}

TEST_CASE("signing: HMAC-SHA1 is over the bytes as they are sent", "[signing]") {
    CHECK(sign(Scheme::hmac_sha1_hex, "test", kPortBody) ==
          "15d7b56923f76bad99bd334934b0eead625853e5");
    CHECK(
        sign(Scheme::hmac_sha1_hex, "secret",
             R"({"properties":{"name":"Zoë ☕"},"port_context":{"runId":"r_jE5FhDURh4Uen2Qr"}})") ==
        "5e5bd5821ce90b3e229265b7f2a9f5ed27d3a16d");
    CHECK(
        sign(
            Scheme::hmac_sha1_hex, "secret",
            R"({"properties":{"name":"Zo\u00eb \u2615"},"port_context":{"runId":"r_jE5FhDURh4Uen2Qr"}})") ==
        "60115f2004c1748117ff78fb0d67cb57fcdc125c");
    CHECK(sign(Scheme::hmac_sha1_hex, "secret", "") == "25af6174a0fcecc4d346680a72b7ce644b9a88e8");
}

TEST_CASE("signing: each scheme has its own form", "[signing]") {
    CHECK(sign(Scheme::hmac_sha1_prefixed, "secret", "") ==
          "sha1=25af6174a0fcecc4d346680a72b7ce644b9a88e8");
    // The example in GitHub's documentation of its webhooks.
    CHECK(sign(Scheme::hmac_sha256_prefixed, "It's a Secret to Everybody", "Hello, World!") ==
          "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    // The example in the Standard Webhooks specification.
    const auto key = key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    REQUIRE(key);
    CHECK(sign(Scheme::standard_webhooks, *key, R"({"test": 2432232314})", 1'614'265'330,
               "msg_p5jXN8AQM9LWM0D4loKWxJek") ==
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    CHECK(sign(Scheme::none, "", "body") == "");
}

TEST_CASE("signing: every scheme verifies what it signed and nothing else", "[signing]") {
    for (const Scheme scheme : kSigningSchemes) {
        CAPTURE(scheme_name(scheme));
        const std::string signature = sign(scheme, "key", "the body", 1'000, "m1");
        CHECK(check(scheme, "key", "the body", signature).ok);
        CHECK_FALSE(check(scheme, "Key", "the body", signature).ok);
        CHECK_FALSE(check(scheme, "key", "the body\n", signature).ok);
        CHECK_THAT(check(scheme, "key", "the bodY", signature).reason,
                   Contains("not that of these bytes"));
        CHECK_THAT(check(scheme, "key", "the body", "").reason, Contains("signature is missing"));
        CHECK_FALSE(verify(scheme, {}, "the body", signature, "1000", "m1", 1'000, 300).ok);
    }
}

TEST_CASE("signing: a signature changed or cut at any place is refused", "[signing]") {
    for (const Scheme scheme : kSigningSchemes) {
        CAPTURE(scheme_name(scheme));
        const std::string signature = sign(scheme, "key", "body", 1'000, "m1");
        for (std::size_t i = 0; i < signature.size(); ++i) {
            std::string changed = signature;
            changed[i] = changed[i] == '0' ? '1' : '0';
            CAPTURE(changed);
            CHECK_FALSE(check(scheme, "key", "body", changed).ok);
            CHECK_FALSE(check(scheme, "key", "body", signature.substr(0, i)).ok);
        }
        CHECK_FALSE(check(scheme, "key", "body", signature + "0").ok);
        CHECK_FALSE(check(scheme, "key", "body", "\n" + signature).ok);
    }
}

TEST_CASE("signing: one key serves many messages", "[signing]") {
    for (const Scheme scheme : kSigningSchemes) {
        Key key(scheme, "key");
        const std::string first = key.sign("one", 1, "a");
        const std::string second = key.sign("two", 2, "b");
        CHECK(first != second);
        CHECK(key.sign("one", 1, "a") == first);
        Key moved = std::move(key);
        CHECK(moved.sign("two", 2, "b") == second);
        Key assigned(Scheme::none, "");
        assigned = std::move(moved);
        CHECK(assigned.scheme() == scheme);
        CHECK(assigned.sign("one", 1, "a") == first);
    }
}

TEST_CASE("signing: hex and its prefix are accepted in either case", "[signing]") {
    const std::string hex = sign(Scheme::hmac_sha1_hex, "key", "body");
    for (const std::string& value : {hex, upper(hex), "sha1=" + hex, "SHA1=" + upper(hex)}) {
        CAPTURE(value);
        CHECK(check(Scheme::hmac_sha1_hex, "key", "body", value).ok);
    }
    CHECK(check(Scheme::hmac_sha1_prefixed, "key", "body", "Sha1=" + hex).ok);
    CHECK_THAT(check(Scheme::hmac_sha1_prefixed, "key", "body", hex).reason,
               Contains("does not begin with sha1="));
    const std::string hex256 = sign(Scheme::hmac_sha256_prefixed, "key", "body").substr(7);
    CHECK(check(Scheme::hmac_sha256_prefixed, "key", "body", "SHA256=" + upper(hex256)).ok);
    CHECK_FALSE(check(Scheme::hmac_sha256_prefixed, "key", "body", hex256).ok);
    CHECK_FALSE(check(Scheme::hmac_sha256_prefixed, "key", "body", "sha1=" + hex).ok);
    CHECK_FALSE(check(Scheme::hmac_sha1_hex, "key", "body", "sha256=" + hex).ok);
}

TEST_CASE("signing: malformed hex and base64 are refused with the reason", "[signing]") {
    CHECK_THAT(check(Scheme::hmac_sha1_hex, "key", "body", "sha1=").reason,
               Contains("40 hexadecimal digits"));
    CHECK_THAT(check(Scheme::hmac_sha1_hex, "key", "body", std::string(40, 'g')).reason,
               Contains("40 hexadecimal digits"));
    CHECK_THAT(check(Scheme::hmac_sha256_prefixed, "key", "body", "sha256=00").reason,
               Contains("64 hexadecimal digits"));
    for (const char* broken :
         {"v1,", "v1,AAAA", "v1,!!!!", "v1,uuBMfcio3oscejO5bOtL97K1AmiZjxDvou7sChjMNeE"}) {
        CAPTURE(broken);
        CHECK_THAT(check(Scheme::port_v1, "key", "body", broken).reason, Contains("base64"));
        CHECK_THAT(check(Scheme::standard_webhooks, "key", "body", broken).reason,
                   Contains("base64"));
    }
}

TEST_CASE("signing: another version or a missing comma is refused", "[signing]") {
    const std::string mac = sign(Scheme::port_v1, "key", "body", 1'000).substr(3);
    for (const std::string& value :
         {"v2," + mac, mac, "v1" + mac, "V1," + mac, ",v1," + mac, "v1 ," + mac}) {
        CAPTURE(value);
        CHECK_THAT(check(Scheme::port_v1, "key", "body", value).reason, Contains("only version"));
    }
}

TEST_CASE("signing: a timestamp counts at the tolerance and not past it", "[signing]") {
    for (const Scheme scheme : {Scheme::port_v1, Scheme::standard_webhooks}) {
        const std::string signature = sign(scheme, "key", "body", 1'000, "m1");
        CHECK(check(scheme, "key", "body", signature, 1'300).ok);
        CHECK(check(scheme, "key", "body", signature, 700).ok);
        CHECK_THAT(check(scheme, "key", "body", signature, 1'301).reason,
                   Contains("301 s in the past; accepted are at most 300 s"));
        CHECK_THAT(check(scheme, "key", "body", signature, 699).reason,
                   Contains("301 s in the future"));
        CHECK_FALSE(
            check(scheme, "key", "body", signature, std::numeric_limits<std::int64_t>::min()).ok);
        CHECK(verify(scheme, {"key"}, "body", signature, "1000", "m1", 1'000'000, 0).ok);
    }
}

TEST_CASE("signing: the timestamp and the id are part of what is signed", "[signing]") {
    const std::string port = sign(Scheme::port_v1, "key", "body", 1'000);
    CHECK_FALSE(verify(Scheme::port_v1, {"key"}, "body", port, "1001", "", 1'000, 300).ok);
    CHECK(verify(Scheme::port_v1, {"key"}, "body", port, "1000", "any id", 1'000, 300).ok);
    const std::string standard = sign(Scheme::standard_webhooks, "key", "body", 1'000, "m1");
    CHECK_FALSE(
        verify(Scheme::standard_webhooks, {"key"}, "body", standard, "1000", "m2", 1'000, 300).ok);
    CHECK_THAT(
        verify(Scheme::standard_webhooks, {"key"}, "body", standard, "1000", "", 1'000, 300).reason,
        Contains("id is missing"));
}

TEST_CASE("signing: a timestamp that is missing or no number is refused", "[signing]") {
    const std::string signature = sign(Scheme::port_v1, "key", "body", 1'000);
    const auto with = [&](std::optional<std::string_view> timestamp, std::int64_t tolerance_s) {
        return verify(Scheme::port_v1, {"key"}, "body", signature, timestamp, "", 1'000,
                      tolerance_s);
    };
    for (const std::int64_t tolerance_s : {300, 0}) {
        CHECK_THAT(with(std::nullopt, tolerance_s).reason, Contains("timestamp is missing"));
        CHECK_THAT(with("", tolerance_s).reason, Contains("timestamp is missing"));
        for (const char* text : {"1000 ", " 1000", "1000.0", "-1000", "+1000", "1e3", "now",
                                 "0x3e8", "9999999999999999999", "99999999999999999999999"}) {
            CAPTURE(text);
            CHECK_THAT(with(text, tolerance_s).reason, Contains("whole number of Unix seconds"));
        }
    }
}

TEST_CASE("signing: schemes without a timestamp do not ask for one", "[signing]") {
    const std::string signature = sign(Scheme::hmac_sha1_hex, "key", "body");
    CHECK(verify(Scheme::hmac_sha1_hex, {"key"}, "body", signature, std::nullopt, "", 0, 300).ok);
}

TEST_CASE("signing: of several signatures one that holds is enough", "[signing]") {
    const std::string good = sign(Scheme::standard_webhooks, "key", "body", 1'000, "m1");
    const std::string other = sign(Scheme::standard_webhooks, "other", "body", 1'000, "m1");
    for (const std::string& value : {other + " " + good, good + " " + other, "v1a,AAAA " + good,
                                     "v2,xyz v1,broken " + good, "  " + good + " "}) {
        CAPTURE(value);
        CHECK(check(Scheme::standard_webhooks, "key", "body", value).ok);
    }
    CHECK_FALSE(check(Scheme::standard_webhooks, "key", "body", other + " " + other).ok);
    CHECK_THAT(check(Scheme::standard_webhooks, "key", "body", "v2," + good.substr(3)).reason,
               Contains("holds no v1, value"));
    CHECK_FALSE(check(Scheme::port_v1, "key", "body",
                      sign(Scheme::port_v1, "key", "body", 1'000) + " v1,AAAA")
                    .ok);
}

TEST_CASE("signing: previous keys verify too", "[signing]") {
    for (const Scheme scheme : kSigningSchemes) {
        const std::string signature = sign(scheme, "old", "body", 1'000, "m1");
        CHECK(verify(scheme, {"new", "older", "old"}, "body", signature, "1000", "m1", 1'000, 300)
                  .ok);
        CHECK_FALSE(
            verify(scheme, {"new", "older"}, "body", signature, "1000", "m1", 1'000, 300).ok);
    }
}

TEST_CASE("signing: a verifier judges each of many messages by itself", "[signing]") {
    const Verifier verifier(Scheme::hmac_sha256_prefixed, {"new", "older"});
    const auto holds = [&](const std::string& key, const std::string& signed_body, const std::string& body) {
        const std::string signature =
            Key(Scheme::hmac_sha256_prefixed, key).sign(signed_body, 1'000, "");
        return verifier.verify(body, signature, std::nullopt, "", 1'000, 300).ok;
    };
    for (int i = 0; i < 3; ++i) {
        CHECK(holds("new", "first", "first"));
        CHECK_FALSE(holds("new", "first", "second"));
        CHECK(holds("older", "second", "second"));
        CHECK_FALSE(holds("other", "first", "first"));
    }
}

TEST_CASE("signing: the scheme none verifies nothing", "[signing]") {
    CHECK_FALSE(verify(Scheme::none, {"key"}, "body", "", std::nullopt, "", 0, 0).ok);
    CHECK_FALSE(verify(Scheme::none, {"key"}, "body", "anything", std::nullopt, "", 0, 0).ok);
}

TEST_CASE("signing: no reason holds the expected signature or the key", "[signing]") {
    const std::string expected = sign(Scheme::hmac_sha1_hex, "the-key", "body");
    const auto found = check(Scheme::hmac_sha1_hex, "the-key", "body", std::string(40, '0'));
    CHECK_THAT(found.reason, !Contains(expected.substr(0, 8)));
    CHECK_THAT(found.reason, !Contains("the-key"));
}

TEST_CASE("signing: schemes have names and headers", "[signing]") {
    const std::pair<const char*, const char*> known[] = {
        {"none", ""},
        {"hmac-sha1-hex", "X-Port-Signature"},
        {"hmac-sha1-prefixed", "X-Port-Signature"},
        {"hmac-sha256-prefixed", "X-Hub-Signature-256"},
        {"port-v1", "X-Port-Signature"},
        {"standard-webhooks", "webhook-signature"}};
    REQUIRE(scheme_names().size() == std::size(known));
    for (std::size_t i = 0; i < std::size(known); ++i) {
        const auto scheme = scheme_from_name(known[i].first);
        REQUIRE(scheme.has_value());
        CHECK(scheme_name(*scheme) == std::string(known[i].first));
        CHECK(default_header(*scheme) == std::string(known[i].second));
        CHECK(scheme_names()[i] == known[i].first);
    }
    CHECK_FALSE(scheme_from_name("HMAC-SHA1-HEX"));
    CHECK_FALSE(scheme_from_name(""));
}

TEST_CASE("signing: a whsec key is base64 and any other is its bytes", "[signing]") {
    CHECK(key_bytes("whsec_AAEC").value() == std::string("\0\1\2", 3));
    CHECK(key_bytes("plain key").value() == "plain key");
    CHECK(key_bytes("AAEC").value() == "AAEC");
    CHECK(key_bytes("WHSEC_AAEC").value() == "WHSEC_AAEC");
    for (const char* broken : {"", "whsec_", "whsec_AAE", "whsec_s3cret-value", "whsec_AAEC\n"}) {
        CAPTURE(broken);
        const auto key = key_bytes(broken);
        REQUIRE_FALSE(key.ok());
        CHECK(key.error().code == "invalid_key");
        CHECK_THAT(key.error().message, !Contains("s3cret"));
    }
}

TEST_CASE("signing: a signer writes the headers of its scheme", "[signing]") {
    CHECK(Signer(Scheme::none, "", {}).headers("body", 1'000, "m1").empty());
    const std::vector<Header> azure =
        Signer(Scheme::hmac_sha1_hex, "", {"key", "old"}).headers("body", 1'000, "m1");
    CHECK(azure ==
          std::vector<Header>{{"X-Port-Signature", sign(Scheme::hmac_sha1_hex, "key", "body")}});
    const std::vector<Header> named =
        Signer(Scheme::hmac_sha1_prefixed, "X-WH-Checksum", {"key"}).headers("body", 0, "");
    CHECK(named ==
          std::vector<Header>{{"X-WH-Checksum", sign(Scheme::hmac_sha1_prefixed, "key", "body")}});
    const std::vector<Header> port =
        Signer(Scheme::port_v1, "", {"key", "old"}).headers("body", 1'000, "m1");
    CHECK(port ==
          std::vector<Header>{{"X-Port-Signature", sign(Scheme::port_v1, "key", "body", 1'000)},
                              {"X-Port-Timestamp", "1000"}});
}

TEST_CASE("signing: standard webhooks carry a signature of each key", "[signing]") {
    const Signer signer(Scheme::standard_webhooks, "", {"new", "old"});
    const std::vector<Header> headers = signer.headers("body", 1'000, "m1");
    REQUIRE(headers.size() == 3);
    CHECK(headers[0] == Header{"webhook-id", "m1"});
    CHECK(headers[1] == Header{"webhook-timestamp", "1000"});
    CHECK(headers[2] == Header{"webhook-signature",
                               sign(Scheme::standard_webhooks, "new", "body", 1'000, "m1") + " " +
                                   sign(Scheme::standard_webhooks, "old", "body", 1'000, "m1")});
    CHECK(check(Scheme::standard_webhooks, "old", "body", headers[2].second).ok);
}

TEST_CASE("signing: a signer knows its headers without regard to case", "[signing]") {
    const Signer azure(Scheme::hmac_sha1_hex, "X-WH-Checksum", {"key"});
    CHECK(azure.writes("x-wh-checksum"));
    CHECK_FALSE(azure.writes("X-Port-Signature"));
    CHECK_FALSE(azure.writes("X-WH-Checksum2"));
    CHECK_FALSE(azure.writes(""));
    const Signer port(Scheme::port_v1, "", {"key"});
    CHECK(port.writes("X-PORT-SIGNATURE"));
    CHECK(port.writes("x-port-timestamp"));
    const Signer standard(Scheme::standard_webhooks, "", {"key"});
    CHECK(standard.writes("Webhook-Id"));
    CHECK(standard.writes("Webhook-Timestamp"));
    CHECK(standard.writes("Webhook-Signature"));
    const Signer nobody(Scheme::none, "", {});
    CHECK_FALSE(nobody.writes("X-Port-Signature"));
    CHECK_FALSE(nobody.writes(""));
}

TEST_CASE("signing: a signer without a key cannot be made", "[signing]") {
    CHECK_THROWS_AS(Signer(Scheme::hmac_sha1_hex, "", {}), std::invalid_argument);
}
