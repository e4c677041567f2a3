#include <string>
#include <string_view>

#include "net/reply_reader.hpp"
#include "promise.hpp"

using namespace signalbox::net;

namespace {

constexpr std::size_t kBodyBytesMax = 4'096;

struct Outcome {
    ReplyReader::State state = ReplyReader::State::more;
    bool reusable = false;
    signalbox::dispatch::WireReply reply;
};

Outcome read(std::string_view bytes, bool to_head, std::size_t piece_bytes) {
    Outcome outcome;
    ReplyReader reader(to_head, kBodyBytesMax);
    ParsedHead parsed;
    while (!bytes.empty() && outcome.state == ReplyReader::State::more) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        outcome.state = reader.feed(piece, parsed, outcome.reply);
    }
    PROMISE(outcome.reply.body.size() <= kBodyBytesMax);
    if (outcome.state == ReplyReader::State::bad) PROMISE(!reader.problem().empty());
    if (outcome.state == ReplyReader::State::done) {
        PROMISE(outcome.reply.status >= 200 && outcome.reply.status <= 999);
        PROMISE(!to_head || outcome.reply.body.empty());
        // A cut inside what follows the reply hides that something follows; the pool peeks for
        // that.
        outcome.reusable = reader.reusable() && bytes.empty();
    }
    for (const auto& [name, value] : outcome.reply.headers) {
        PROMISE(!name.empty());
        PROMISE(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
    return outcome;
}

void check(std::string_view bytes, bool to_head) {
    const Outcome whole = read(bytes, to_head, bytes.size() + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
        const Outcome cut = read(bytes, to_head, piece);
        PROMISE(cut.state == whole.state);
        PROMISE(cut.reply.status == whole.reply.status);
        PROMISE(cut.reusable == whole.reusable);
        if (whole.state == ReplyReader::State::done) {
            PROMISE(cut.reply.body == whole.reply.body);
            PROMISE(cut.reply.headers == whole.reply.headers);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), bytes);
    check(text, false);
    check(text, true);
    return 0;
}
