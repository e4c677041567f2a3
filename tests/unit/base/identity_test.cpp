#include "base/identity.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace signalbox;

TEST_CASE("identity: an email is kept in lower case", "[identity]") {
    CHECK(parse_identity("Ada.Lovelace+x@Example.COM").value() == "ada.lovelace+x@example.com");
}

TEST_CASE("identity: what is no email, or could be spelled twice, is refused", "[identity]") {
    for (const char* text : {"", "ada", "@example.com", "ada@", "a@b@c", "a da@example.com",
                             "ada@example.com\n", "\x01@b", "ad\xc3\xa4@example.com"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_identity(text));
    }
    const std::string longest = std::string(limits::identity_bytes_max - 2, 'a') + "@b";
    CHECK(parse_identity(longest));
    CHECK_FALSE(parse_identity("a" + longest));
}
