#include "signalbox/signing.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;

namespace {

const std::string kBody =
    R"({"resource":{"message":{"title":"Hello, world!","subtitle":"I'm using WebHooks!"}}})";

}  // namespace

TEST_CASE("signing by name: Microsoft's published vector", "[integration]") {
    auto value = sign("hmac-sha1-hex", "secret", kBody, 0, "");
    REQUIRE(value);
    CHECK(*value == "750d33212d3ad4932cc390819050734831a0a94f");
    CHECK(verify("hmac-sha1-hex", "secret", kBody, *value, "", "", 0, 300));
    CHECK_FALSE(verify("hmac-sha1-hex", "secret", kBody + " ", *value, "", "", 0, 300));
}

TEST_CASE("signing by name: a timestamp is refused one second past the tolerance",
          "[integration]") {
    auto value = sign("port-v1", "key", kBody, 1'000, "");
    REQUIRE(value);
    CHECK(verify("port-v1", "key", kBody, *value, "1000", "", 1'300, 300));
    CHECK_FALSE(verify("port-v1", "key", kBody, *value, "1000", "", 1'301, 300));
    CHECK(verify("port-v1", "key", kBody, *value, "1000", "", 9'999, 0));
}

TEST_CASE("signing by name: an unknown scheme lists those there are", "[integration]") {
    auto value = sign("hmac-md5", "key", kBody, 0, "");
    REQUIRE_FALSE(value);
    CHECK(value.error().code == "unknown_scheme");
    CHECK(value.error().message.find("standard-webhooks") != std::string::npos);
}
