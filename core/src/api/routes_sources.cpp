#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/identity.hpp"
#include "json/writer.hpp"

// What a sender is told is what he needs to go on, and nothing that would help one who only tries: not which
// sources there are, nor why a proof failed, nor which actions and inputs exist. Why is in the log.
namespace signalbox::api {
namespace {

using sources::Received;

runs::Caller sender_of(const std::string& source, const sources::Mapped& mapped) {
    runs::Caller caller;
    caller.client = "source:" + source;  // no client's id has a colon
    // A person that is known by an email is the same one here: who asked there decides nothing here.
    if (const auto email = parse_identity(mapped.by)) {
        caller.user = *email;
    } else if (!mapped.by.empty()) {
        caller.client += ":" + mapped.by;
    }
    caller.origin = source;
    caller.trigger = mapped.trigger;
    return caller;
}

/// Trying again later may help; or it is a replay, which the sender may know.
bool is_told(const Error& error) {
    return error.code == "replay_refused" || failed(error).status == 503;
}

net::Response rejected() {
    return failed(Error{"message_rejected",
                        "the message is from a known source and invokes nothing here; Signalbox has "
                        "recorded why"});
}

}  // namespace

void Api::take_message(Call call) {
    const net::Request& request = call.request;
    Received received = views_.sources.receive(
        call.captured[0], {request.headers, request.body}, request.peer);
    switch (received.kind) {
        case Received::Kind::refused:
            return call.respond(failed(Error{
                "unauthorized", "the message does not prove that a known source has sent it now"}));
        case Received::Kind::limited: {
            auto reply = failed(Error{"too_many_messages",
                                      "this source sends more than it may; send it again later"});
            reply.headers.emplace_back("Retry-After", "1");
            return call.respond(std::move(reply));
        }
        case Received::Kind::passed_by:
            return call.respond(ok(200, "ignored", "true"));
        case Received::Kind::rejected:
            runs_.rejections().refused(received.error,
                                       sender_of(call.captured[0], received.mapped), {});
            note_rejection(received.error, sender_of(call.captured[0], received.mapped), {});
            return call.respond(rejected());
        case Received::Kind::taken:
            return take(std::move(call), std::move(received));
    }
}

void Api::take(Call call, Received received) {
    sources::Mapped& mapped = received.mapped;
    runs::Caller caller = sender_of(call.captured[0], mapped);
    runs::Outside outside{std::move(received.replay), std::move(mapped.run_id), received.reports};
    const std::string action = mapped.action;
    // The request goes with this call, and what follows must not look at it.
    runs_.invoke(action, std::move(mapped.invocation), caller, std::move(outside),
                 [this, respond = call.respond, caller, action](const Result<runs::Invoked>& invoked) {
                     if (!invoked) {
                         note_rejection(invoked.error(), caller, action);
                         return respond(is_told(invoked.error()) ? failed(invoked.error())
                                                                 : rejected());
                     }
                     std::string run = "{\"id\":";
                     json::append_string(run, invoked->seed->id);
                     auto reply = ok(202, "run", run + "}");
                     reply.headers.emplace_back("Location",
                                                "/v1/actions/runs/" + invoked->seed->id);
                     respond(std::move(reply));
                 });
}

void Api::note_rejection(const Error& error, const runs::Caller& caller, std::string_view action) {
    std::string pointers;
    for (const Detail& detail : error.details)
        pointers += (pointers.empty() ? "" : " ") + detail.pointer;
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = "message_rejected";
    event.fields = {{"source", caller.origin},
                    {"by", caller.client},
                    {"action", std::string(action)},
                    {"error", error.code},
                    {"reason", error.message},
                    {"pointers", pointers}};
    log_.write(event);
}

}  // namespace signalbox::api
