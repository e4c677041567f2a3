#include "net/chunks.hpp"

#include <string>
#include <string_view>

#include "promise.hpp"

using namespace signalbox::net;

namespace {

constexpr std::size_t kBodyBytesMax = 1'024;

struct Outcome {
    BodyState state = BodyState::more;
    std::string body;
    std::size_t left = 0;  // after the body, once it is done
};

Outcome read(std::string_view bytes, std::size_t piece_bytes) {
    Outcome outcome;
    ChunkDecoder decoder(kBodyBytesMax);
    while (!bytes.empty() && outcome.state == BodyState::more) {
        std::string_view piece = bytes.substr(0, piece_bytes);
        const std::size_t given = piece.size();
        outcome.state = decoder.feed(piece, outcome.body);
        PROMISE(piece.empty() || outcome.state != BodyState::more);
        bytes.remove_prefix(given - piece.size());
    }
    PROMISE(outcome.body.size() <= kBodyBytesMax);
    if (outcome.state == BodyState::malformed) PROMISE(*decoder.fault() != '\0');
    if (outcome.state == BodyState::done) outcome.left = bytes.size();
    return outcome;
}

/// What was decoded, encoded anew in pieces of another size, must decode to the same.
void check_round_trip(const std::string& body) {
    std::string encoded;
    constexpr std::size_t kPiece = 9;
    for (std::size_t at = 0; at < body.size(); at += kPiece) {
        const std::string piece = body.substr(at, kPiece);
        encoded += std::to_string(piece.size()) + "\r\n" + piece + "\r\n";
    }
    const Outcome again = read(encoded + "0\r\n\r\n", 5);
    PROMISE(again.state == BodyState::done);
    PROMISE(again.body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), bytes);
    const Outcome whole = read(text, text.size() + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
        const Outcome cut = read(text, piece);
        PROMISE(cut.state == whole.state);
        PROMISE(cut.left == whole.left);
        if (whole.state == BodyState::done) PROMISE(cut.body == whole.body);
    }
    if (whole.state == BodyState::done) check_round_trip(whole.body);
    return 0;
}
