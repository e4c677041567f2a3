#include "base/characters.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace signalbox;

namespace {

std::string members(const Characters& characters) {
    std::string found;
    for (int c = 0; c < 256; ++c) {
        if (characters.has(static_cast<char>(c))) found += static_cast<char>(c);
    }
    return found;
}

}  // namespace

TEST_CASE("base: a token is made of RFC 9110's characters and of no other", "[base]") {
    CHECK(members(token_characters) ==
          "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
}

TEST_CASE("base: a header's value may hold every byte but the controls, and the tab", "[base]") {
    for (int c = 0; c < 256; ++c) {
        const bool control = c < 0x20 || c == 0x7f;
        CHECK(field_value_characters.has(static_cast<char>(c)) == (c == '\t' || !control));
    }
}

TEST_CASE("base: a text is of a set when each of its bytes is", "[base]") {
    CHECK(hex_digits.has_all(""));
    CHECK(hex_digits.has_all("09afAF"));
    CHECK_FALSE(hex_digits.has_all("09g"));
    CHECK_FALSE(hex_digits.has_all(std::string_view("0\0", 2)));
    CHECK(members(hex_digits.without("abcdefABCDEF").with("-")) == "-0123456789");
}
