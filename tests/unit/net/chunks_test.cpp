#include "net/chunks.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "net/body.hpp"

using namespace signalbox::net;
namespace limits = signalbox::limits;

namespace {

struct Decoded {
    BodyState state = BodyState::more;
    std::string body;
    std::string rest;
    bool operator==(const Decoded&) const = default;
};

Decoded at_once(const std::string& wire, std::size_t bytes_max = 1'000) {
    ChunkDecoder decoder(bytes_max);
    Decoded result;
    std::string_view in = wire;
    result.state = decoder.feed(in, result.body);
    result.rest = in;
    return result;
}

Decoded by_bytes(const std::string& wire, std::size_t bytes_max = 1'000) {
    ChunkDecoder decoder(bytes_max);
    Decoded result;
    for (std::size_t i = 0; i < wire.size(); ++i) {
        std::string_view in = std::string_view(wire).substr(i, 1);
        result.state = decoder.feed(in, result.body);
        if (result.state != BodyState::more) {
            result.rest = wire.substr(i + 1 - in.size());
            break;
        }
    }
    return result;
}

const std::string kEnd = "0\r\n\r\n";

}  // namespace

TEST_CASE("net: chunked bodies are joined however they are cut", "[net]") {
    const std::vector<std::pair<std::string, std::string>> bodies = {
        {kEnd, ""},
        {"5\r\nhello\r\n" + kEnd, "hello"},
        {"5\r\nhello\r\n00006;x=\"y\"\r\n world\r\n" + kEnd, "hello world"},
        {"a\r\n0123456789\r\n" + kEnd, "0123456789"},
        {"A;\r\n0123456789\r\n000\r\n\r\n", "0123456789"},
        {"2\r\n\r\n\r\n" + kEnd, "\r\n"},
        {"1\r\nx\r\n0\r\nTrailer: dropped\r\nOther:\r\n\r\n", "x"},
        {"0000000000000001\r\nx\r\n" + kEnd, "x"},
    };
    for (const auto& [wire, body] : bodies) {
        CAPTURE(wire);
        const Decoded decoded = at_once(wire + "NEXT");
        CHECK(decoded == Decoded{BodyState::done, body, "NEXT"});
        CHECK(decoded == by_bytes(wire + "NEXT"));
    }
}

TEST_CASE("net: malformed chunked bodies are refused however they are cut", "[net]") {
    for (const std::string& wire : std::vector<std::string>{"\r\n",
                                                            "g\r\n",
                                                            "-1\r\n",
                                                            "+1\r\n",
                                                            "0x1\r\n",
                                                            " 1\r\n",
                                                            "1 \r\nx\r\n",
                                                            ";x\r\n",
                                                            "1\nx\r\n",
                                                            "1\r\nxy\r\n",
                                                            "1\r\nx\n",
                                                            "1\r\nx\r0",
                                                            "1\rx",
                                                            "1\r\r\nx",
                                                            "1;a\rb\r\n",
                                                            "1;a\nb\r\n",
                                                            "1;\x01\r\n",
                                                            "00000000000000001\r\nx\r\n",
                                                            "0\r\nno colon\r\n\r\n",
                                                            "0\r\n: x\r\n\r\n",
                                                            "0\r\n folded: x\r\n\r\n",
                                                            "0\r\nA : x\r\n\r\n",
                                                            "0\r\nA: x\n\r\n",
                                                            "0\r\nA: x\r\r\n",
                                                            "0\r\n\rx",
                                                            "0\r\nA: \x01\r\n\r\n",
                                                            "0\r\n\n"}) {
        CAPTURE(wire);
        CHECK(at_once(wire).state == BodyState::malformed);
        CHECK(by_bytes(wire).state == BodyState::malformed);
    }
}

TEST_CASE("net: a chunked body that is cut off is never done", "[net]") {
    const std::string wire = "5;e=1\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size < wire.size(); ++size) {
        CAPTURE(size);
        CHECK(at_once(wire.substr(0, size)).state == BodyState::more);
    }
}

TEST_CASE("net: a chunked body is accepted at its limits and refused one past them", "[net]") {
    CHECK(at_once("5\r\nhello\r\n" + kEnd, 5).state == BodyState::done);
    CHECK(at_once("6\r\nhello!\r\n" + kEnd, 5).state == BodyState::too_large);
    CHECK(at_once("3\r\nhel\r\n3\r\nlo!\r\n" + kEnd, 5).state == BodyState::too_large);
    CHECK(at_once("ffffffffffffffff\r\n", 5).state == BodyState::too_large);
    CHECK(at_once("1\r\nx\r\nffffffffffffffff\r\n", 5).state == BodyState::too_large);

    const auto line = [](std::size_t bytes) {
        return "1;" + std::string(bytes - 2, 'e') + "\r\nx\r\n" + kEnd;
    };
    CHECK(at_once(line(limits::http_chunk_line_bytes_max)).state == BodyState::done);
    CHECK(at_once(line(limits::http_chunk_line_bytes_max + 1)).state == BodyState::malformed);

    const auto trailers = [](std::size_t bytes) {
        return "0\r\nA:" + std::string(bytes - 4, 'x') + "\r\n\r\n";
    };
    CHECK(at_once(trailers(limits::http_trailer_bytes_max)).state == BodyState::done);
    CHECK(at_once(trailers(limits::http_trailer_bytes_max + 1)).state == BodyState::malformed);
    std::string many = "0\r\n";
    for (std::size_t i = 0; i < limits::http_trailer_bytes_max; ++i)
        many += "A:\r\n";
    CHECK(at_once(many).state == BodyState::malformed);
}

TEST_CASE("net: a body of announced length ends exactly there", "[net]") {
    BodyReader reader({Framing::Kind::length, 5}, 5);
    std::string body;
    std::string_view in = "hel";
    CHECK(reader.feed(in, body) == BodyState::more);
    in = "loNEXT";
    CHECK(reader.feed(in, body) == BodyState::done);
    CHECK(body == "hello");
    CHECK(in == "NEXT");
    BodyReader large({Framing::Kind::length, 6}, 5);
    CHECK(large.feed(in, body) == BodyState::too_large);
    BodyReader none({Framing::Kind::none, 0}, 5);
    body.clear();
    CHECK(none.feed(in, body) == BodyState::done);
    CHECK(in == "NEXT");
}
