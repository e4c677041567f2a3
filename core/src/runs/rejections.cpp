#include "runs/rejections.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "runs/object_text.hpp"

namespace signalbox::runs {
namespace {

using journal::Rejection;

/// At most `bytes_max`, cut between characters.
void cut(std::string& text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    text.resize(end);
}

/// Messages of these codes come from a plugin, a template or the sent bytes, and may quote them.
const char* own_sentence(std::string_view code) {
    if (code == "plan_refused") return "its target's plugin refused the filled-in invocation method";
    if (code == "plugin_broken") return "its target's plugin failed";
    if (code == "template_failed") return "a template of the action could not be filled in";
    if (code == "invalid_json") return "the body is not JSON as it is accepted here";
    return nullptr;
}

}  // namespace

void Rejections::note(Rejection rejection) {
    const bool replayed = rejection.code == journal::rejection_replayed;
    if (replayed) {
        metrics_.add(Counter::invocations_replayed, {}, 1);
    } else {
        metrics_.add(Counter::invocations_rejected, {{}, rejection.code}, 1);
    }
    if (waiting_.size() >= limits::rejections_waiting_max) {
        return metrics_.add(Counter::rejections_dropped, {}, 1);
    }
    if (rejection.at_ms == 0) rejection.at_ms = clock_.wall_ms();
    cut(rejection.client, limits::rejection_name_bytes_max);
    cut(rejection.origin, limits::rejection_name_bytes_max);
    cut(rejection.action, limits::rejection_name_bytes_max);
    cut(rejection.message, limits::rejection_message_bytes_max);
    if (rejection.pointers.size() > limits::rejection_pointers_max)
        rejection.pointers.resize(limits::rejection_pointers_max);
    for (std::string& pointer : rejection.pointers)
        cut(pointer, limits::rejection_pointer_bytes_max);
    waiting_.push_back(std::move(rejection));
    if (!writing_) write();
}

void Rejections::write() {
    writing_ = true;
    const std::size_t count = waiting_.size();
    journal_.keep_rejections(std::exchange(waiting_, {}), [this, count](Result<Done> kept) {
        writing_ = false;
        if (!kept) metrics_.add(Counter::rejections_dropped, {}, count);
        if (!waiting_.empty()) write();
    });
}

void Rejections::refused(const Error& error, const Caller& caller, std::string_view action) {
    Rejection rejection;
    rejection.client = caller.client;
    rejection.origin = caller.origin;
    rejection.action = action;
    rejection.code = error.code;
    const char* sentence = own_sentence(error.code);
    rejection.message = sentence ? std::string(sentence) : error.message;
    for (const Detail& detail : error.details) {
        if (!detail.pointer.empty()) rejection.pointers.push_back(detail.pointer);
    }
    note(std::move(rejection));
}

void Rejections::replayed(const Caller& caller, std::string_view action, std::string_view run_id) {
    Rejection rejection;
    rejection.client = caller.client;
    rejection.origin = caller.origin;
    rejection.action = action;
    rejection.code = journal::rejection_replayed;
    rejection.message = "its idempotency key and body were known; it was answered with their run";
    rejection.run_id = run_id;
    note(std::move(rejection));
}

std::string rejection_json(const Rejection& rejection) {
    std::string out;
    ObjectText object(out);
    object.number("number", rejection.number);
    object.time_or_null("at", rejection.at_ms);
    object.text_or_null("client", rejection.client);
    object.text("origin", rejection.origin);
    object.text_or_null("action", rejection.action);
    object.text("error", rejection.code);
    object.text("message", rejection.message);
    std::string& pointers = object.key("pointers");
    pointers += '[';
    for (const std::string& pointer : rejection.pointers) {
        if (pointers.back() != '[') pointers += ',';
        json::append_string(pointers, pointer);
    }
    pointers += ']';
    object.text_or_null("runId", rejection.run_id);
    object.close();
    return out;
}

}  // namespace signalbox::runs
