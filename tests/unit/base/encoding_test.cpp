#include "base/encoding.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace signalbox;

namespace {
std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    return bytes;
}
}  // namespace

TEST_CASE("base: hex is written in lower case and read in either", "[base]") {
    CHECK(to_hex("\x01\xab\xff") == "01abff");
    CHECK(from_hex("01abff") == "\x01\xab\xff");
    CHECK(from_hex("01ABfF") == "\x01\xab\xff");
    CHECK(from_hex("").value() == "");
    CHECK(from_hex(to_hex(all_bytes())) == all_bytes());
}

TEST_CASE("base: broken hex is refused", "[base]") {
    CHECK_FALSE(from_hex("0"));
    CHECK_FALSE(from_hex("0g"));
    CHECK_FALSE(from_hex("g0"));
    CHECK_FALSE(from_hex(" 00"));
    CHECK_FALSE(from_hex("0x00"));
    CHECK_FALSE(from_hex("\xff\xff"));
}

TEST_CASE("base: base64 gives the vectors of RFC 4648", "[base]") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(to_base64(bytes) == text);
        CHECK(from_base64(text) == bytes);
    }
    CHECK(to_base64("\xfb\xff\xfe") == "+//+");
    CHECK(from_base64(to_base64(all_bytes())) == all_bytes());
}

TEST_CASE("base: broken base64 is refused", "[base]") {
    CHECK_FALSE(from_base64("Zg"));      // padding missing
    CHECK_FALSE(from_base64("Zg="));     // half of it
    CHECK_FALSE(from_base64("Zg==="));   // too much
    CHECK_FALSE(from_base64("===="));    // nothing else
    CHECK_FALSE(from_base64("Z=g="));    // within
    CHECK_FALSE(from_base64("Zh=="));    // bits that no byte uses
    CHECK_FALSE(from_base64("Zm9v\n"));  // white space
    CHECK_FALSE(from_base64("Zm9-"));    // the other alphabet
    CHECK_FALSE(
        from_base64("Z\xff"
                    "9v"));  // not ASCII
}

TEST_CASE("base: base64url has its own alphabet and no padding", "[base]") {
    CHECK(to_base64url("\xfb\xff\xfe") == "-__-");
    CHECK(to_base64url("f") == "Zg");
    CHECK(from_base64url("Zg") == "f");
    CHECK(from_base64url(to_base64url(all_bytes())) == all_bytes());
    CHECK_FALSE(from_base64url("Zg=="));
    CHECK_FALSE(from_base64url("Z"));
    CHECK_FALSE(from_base64url("Zh"));
    CHECK_FALSE(from_base64url("+//+"));
}

TEST_CASE("base: times are written as ISO 8601 with milliseconds", "[base]") {
    CHECK(to_iso8601(0) == "1970-01-01T00:00:00.000Z");
    CHECK(to_iso8601(1'795'466'793'123) == "2026-11-23T20:46:33.123Z");
    CHECK(to_iso8601(951'782'400'000) == "2000-02-29T00:00:00.000Z");
    CHECK(to_iso8601(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("base: times outside four digit years keep the form", "[base]") {
    CHECK(to_iso8601(253'402'300'799'999) == "9999-12-31T23:59:59.999Z");
    CHECK(to_iso8601(253'402'300'800'000) == "9999-12-31T23:59:59.999Z");
    CHECK(to_iso8601(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999Z");
    CHECK(to_iso8601(std::numeric_limits<std::int64_t>::min()) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("base: the nearest name is found by its edits", "[base]") {
    const std::vector<std::string> names = {"type", "title", "pattern", "webhook", "identifier"};
    CHECK(nearest("titel", names) == "title");       // two neighbours swapped count once
    CHECK(nearest("tpe", names) == "type");          // one missing
    CHECK(nearest("webhookk", names) == "webhook");  // one too many
    CHECK(nearest("indentifer", names) == "identifier");
    CHECK(nearest("type", names) == "type");
}

TEST_CASE("base: a name too far away is not suggested", "[base]") {
    const std::vector<std::string> names = {"type", "identifier"};
    CHECK(nearest("tyqq", names).empty());                // four letters allow one edit
    CHECK(nearest("idqqtqfqer", names).empty());          // four edits
    CHECK(nearest("idqqtqfier", names) == "identifier");  // three
    CHECK(nearest("", names).empty());
    CHECK(nearest("a", names).empty());
    CHECK(nearest(std::string(100'000, 'x'), names).empty());
    CHECK(nearest("anything", {}).empty());
}

TEST_CASE("base: of equally near names the first is taken", "[base]") {
    CHECK(nearest("bat", {"cat", "hat"}) == "cat");
    CHECK(nearest("bat", {"hat", "cat"}) == "hat");
    CHECK(nearest("bats", {"cats", "bats"}) == "bats");
}

TEST_CASE("base: what is not UTF-8 is told from what is", "[base]") {
    for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xe2\x82\xac", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
        CAPTURE(text);
        CHECK(is_utf8(text));
    }
    for (const char* text : {"\xff", "\x80", "a\xc2", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80",
                             "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
        CHECK_FALSE(is_utf8(text));
    }
}
