// What of a target's reply stays with its run.
#include "dispatch/response.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace signalbox;
using namespace signalbox::dispatch;

namespace {

std::string kept(const std::string& body, const Composed& composed = {}) {
    WireReply reply;
    reply.status = 200;
    reply.body = body;
    plugins::Verdict verdict;
    verdict.response = "HTTP 200";
    return response_of(reply, verdict, composed, {});
}

}  // namespace

TEST_CASE("response: it is kept where the plugin keeps it", "[dispatch]") {
    WireReply reply;
    reply.status = 200;
    reply.body = "done";
    CHECK(response_of(reply, {}, {}, {}).empty());
    plugins::Verdict verdict;
    verdict.response = "HTTP 200, text/plain";
    CHECK(response_of(reply, verdict, {}, {}) == "done");
    // What sends by itself has no reply but its words.
    CHECK(response_of({}, verdict, {}, {}) == "HTTP 200, text/plain");
}

TEST_CASE("response: JSON loses its blanks, a text what is none", "[dispatch]") {
    CHECK(kept("{ \"a\" :\r\n 1 }") == R"({"a":1})");
    CHECK(kept("a\x01\xff") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(kept("").empty());
}

TEST_CASE("response: the longest is kept and of a longer one its beginning", "[dispatch]") {
    const std::string longest(limits::run_response_bytes_max, 'a');
    CHECK(kept(longest) == longest);
    CHECK(kept(longest + "a") == longest.substr(3) + "…");
    CHECK(kept_response("\"" + longest + "\"").size() == limits::run_response_bytes_max);
}

TEST_CASE("response: secret headers are censored in every form, also across the cut", "[dispatch]") {
    Composed composed;
    composed.censor.add_header("Bearer s3\"cret");
    CHECK(kept("got Bearer s3\"cret.", composed) == "got ***.");
    CHECK(kept("got s3\"cret and s3%22cret.", composed) == "got *** and ***.");
    CHECK(kept(R"({"got":"s3\u0022cr\u0065t"})", composed) == R"({"got":"***"})");
    for (std::size_t left = 1; left < 8; ++left) {
        const std::string text =
            kept(std::string(limits::run_response_bytes_max - left, 'a') + "s3\"cret", composed);
        CHECK(text.find('s') == std::string::npos);
        CHECK(text.size() <= limits::run_response_bytes_max);
    }
}
