#include "sources/replay.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

using namespace sources_test;
using signing::Scheme;

namespace {

constexpr std::int64_t kNow_ms = kNow_s * 1'000;

sources::Proven sent_at(std::int64_t sent_s) {
    sources::Proven proven;
    proven.ok = true;
    proven.timestamp_s = sent_s;
    proven.timestamp = std::to_string(sent_s);
    return proven;
}

std::string digest(const sources::Proven& proven, const std::string& body,
                   const std::string& run_id = {}) {
    return sources::replay_key(source_of(Scheme::port_v1), proven, {{}, body}, run_id, kNow_ms).digest;
}

}  // namespace

TEST_CASE("replay: a message is known by its id, its run, when it was signed, or its body",
          "[sources]") {
    sources::Proven named = sent_at(kNow_s);
    named.id = "msg_1";
    sources::Proven later = sent_at(kNow_s + 5);
    later.id = "msg_1";
    CHECK(digest(named, "a") == digest(later, "b", "r_1"));
    CHECK(digest(sent_at(1), "a", "r_1") == digest(sent_at(2), "b", "r_1"));
    CHECK(digest(sent_at(1), "a", "r_1") != digest(sent_at(1), "a", "r_2"));
    CHECK(digest(sent_at(1), "a") != digest(sent_at(2), "a"));
    CHECK(digest(sent_at(1), "a") != digest(sent_at(1), "b"));
    CHECK(digest({}, "a") == digest({}, "a"));
    CHECK(digest({}, "a") != digest({}, "b"));
    // No text can be passed off as another kind.
    CHECK(digest({}, "r_1") != digest({}, "a", "r_1"));
    CHECK(digest(sent_at(1), "1.a") != digest({}, "1.1.a"));
}

TEST_CASE("replay: a signed timestamp is remembered until no tolerance would believe it",
          "[sources]") {
    sources::Source source = source_of(Scheme::port_v1);
    const auto expires_s = [&](std::int64_t sent_s) {
        const auto key = sources::replay_key(source, sent_at(sent_s), {{}, "a"}, "", kNow_ms);
        CHECK(key.source == "port");
        CHECK(key.keys_max == signalbox::limits::replay_keys_max);
        return key.expires_ms / 1'000;
    };
    constexpr std::int64_t longest_s = signalbox::limits::config_tolerance_ms_max / 1'000;
    // Believed in the whole second that is `longest_s` after it, so kept one more.
    CHECK(expires_s(kNow_s) == kNow_s + longest_s + 1);
    CHECK(expires_s(kNow_s + longest_s) == kNow_s + 2 * longest_s + 1);
    source.keep_ms = 24 * 3'600'000;
    CHECK(expires_s(kNow_s) == kNow_s + 24 * 3'600);
}

TEST_CASE("replay: what holds no timestamp is remembered for as long as the source says",
          "[sources]") {
    sources::Source source = source_of(Scheme::hmac_sha1_hex);
    source.keep_ms = 60'000;
    CHECK(sources::replay_key(source, {}, {{}, "a"}, "", kNow_ms).expires_ms == kNow_ms + 60'000);
}
