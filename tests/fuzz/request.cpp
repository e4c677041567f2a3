#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "net/body.hpp"
#include "net/framing.hpp"
#include "net/head_scan.hpp"
#include "promise.hpp"

using namespace signalbox::net;
namespace limits = signalbox::limits;

namespace {

constexpr std::size_t kHeadBytesMax = 4'096;
constexpr std::size_t kBodyBytesMax = 4'096;

struct Outcome {
    HeadState head = HeadState::need_more;
    int status = 0;
    BodyState body_state = BodyState::more;
    std::string body;
    std::size_t used = 0;  // by whole messages
    bool operator==(const Outcome&) const = default;
};

void check_accepted(std::string_view head, const ParsedHead& parsed, const RequestHead& request) {
    PROMISE(!request.target.empty());
    PROMISE(request.target == "*" || request.target.front() == '/');
    PROMISE(request.target.data() >= head.data());
    PROMISE(request.target.data() + request.target.size() <= head.data() + head.size());
    std::size_t lengths = 0;
    std::size_t codings = 0;
    for (const FieldView& field : parsed.fields) {
        PROMISE(!field.name.empty());
        for (const char c : field.value)
            PROMISE(c != '\r' && c != '\n' && c != '\0');
        std::string name(field.name);
        for (char& c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        lengths += name == "content-length" ? 1 : 0;
        codings += name == "transfer-encoding" ? 1 : 0;
    }
    PROMISE(parsed.fields.size() <= limits::http_fields_max);
    PROMISE(lengths + codings <= 1);
    PROMISE((request.framing.kind == Framing::Kind::chunked) == (codings == 1));
    PROMISE((request.framing.kind == Framing::Kind::length) == (lengths == 1));
}

/// Reads one request that arrives in pieces of that many bytes.
Outcome read(std::string_view bytes, std::size_t piece_bytes) {
    Outcome outcome;
    HeadScan scan(kHeadBytesMax, limits::http_fields_max);
    std::size_t arrived = 0;
    const auto more = [&] {
        if (arrived == bytes.size()) return false;
        arrived = piece_bytes < bytes.size() - arrived ? arrived + piece_bytes : bytes.size();
        return true;
    };
    while (outcome.head == HeadState::need_more && more())
        outcome.head = scan.look(bytes.substr(0, arrived));
    if (outcome.head != HeadState::complete) return outcome;

    const std::string_view head = bytes.substr(0, scan.head_bytes());
    PROMISE(head.size() <= kHeadBytesMax);
    PROMISE(head.ends_with("\r\n\r\n"));
    ParsedHead parsed;
    RequestHead request;
    const HeadFault fault = judge_request(head, kBodyBytesMax, parsed, request);
    outcome.status = fault.status;
    if (fault) {
        PROMISE(fault.status == 400 || fault.status == 413 || fault.status == 501 ||
                fault.status == 505);
        PROMISE(!fault.message.empty());
        return outcome;
    }
    check_accepted(head, parsed, request);

    BodyReader reader(request.framing, kBodyBytesMax);
    std::size_t used = head.size();
    do {
        std::string_view in = bytes.substr(used, arrived - used);
        outcome.body_state = reader.feed(in, outcome.body);
        used = arrived - in.size();
    } while (outcome.body_state == BodyState::more && more());
    PROMISE(outcome.body.size() <= kBodyBytesMax);
    if (outcome.body_state == BodyState::done) outcome.used = used;
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), bytes);
    const Outcome whole = read(text, text.size() + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
        const Outcome cut = read(text, piece);
        PROMISE(cut.status == whole.status);
        PROMISE(cut.head == whole.head);
        PROMISE(cut.body_state == whole.body_state);
        PROMISE(cut.used == whole.used);
        if (whole.body_state == BodyState::done) PROMISE(cut.body == whole.body);
    }
    return 0;
}
