#include "json/door.hpp"
#include "json/writer.hpp"
#include "sample.hpp"
#include "suite.hpp"

// Anything that fits the schemas, and replies of any kind. A finding names the seed; --reproduce
// runs it again.
namespace signalbox::conformance {
namespace {

constexpr int rounds = 200;

std::string again(const Subject& subject) {
    return " (--reproduce " + std::to_string(subject.seed) + ")";
}

std::string fuzz_settings(const Subject& subject) {
    if (!subject.descriptor) skip("its note cannot be used; see note-valid");
    const json::Value& schema = *json::at_pointer(subject.descriptor->document, "/settings");
    Sampler sampler(subject.seed);
    const Library library(subject);
    const FakeHost host;
    for (int i = 0; i < rounds; ++i) {
        const json::Value settings = sampler.fitting(schema, subject.descriptor->settings, false);
        if (settings.is_null()) continue;
        const std::string text = settings_text(subject, settings);
        const Answer answer = connect_once(library, host, text);
        if (!answer.broken.empty())
            fail("settings " + text + ": " + answer.broken + again(subject));
    }
    return {};
}

std::string fuzz_invocations(const Subject& subject) {
    Talk talk(subject);
    Sampler sampler(subject.seed);
    for (const auto& [type, schema] : subject.descriptor->invocation_types) {
        const json::Value& text = *json::at_pointer(
            subject.descriptor->document, "/invocation_types/" + json::escape_token(type));
        for (int i = 0; i < rounds; ++i) {
            const json::Value members = sampler.fitting(text, schema, false);
            if (members.is_null()) continue;
            Run run;
            run.type = type;
            run.method = json::write(members);
            run.attempt = 1 + static_cast<std::uint32_t>(sampler.number(8));
            run.payload =
                sampler.number(2) == 0 ? "{}" : json::write(json::String(sampler.odd_text()));
            const Answer answer =
                talk.blocking() ? talk.check(run) : static_cast<Answer>(talk.plan(run));
            if (!answer.broken.empty())
                fail("invocation " + run.method + ": " + answer.broken + again(subject));
        }
    }
    return {};
}

Reply any_reply(Sampler& sampler) {
    Reply reply;
    reply.status = 100 + static_cast<int>(sampler.number(500));
    for (const char* name : {"Content-Type", "Retry-After", "Location", "X-Request-Id"}) {
        if (sampler.number(2) == 0) reply.headers.emplace_back(name, sampler.odd_text());
    }
    reply.body = sampler.odd_text();
    if (sampler.number(3) == 0)
        reply.body = "{\"message\":" + json::write(json::String(sampler.odd_text())) +
                     ",\"id\":" + std::to_string(sampler.number(1'000'000)) + "}";
    return reply;
}

std::string fuzz_replies(const Subject& subject) {
    Talk talk(subject);
    Sampler sampler(subject.seed);
    Run run;
    if (talk.blocking()) {
        skip("it is a blocking target and judges nothing");
    } else {
        run = talk.sample(subject);
    }
    for (int i = 0; i < rounds; ++i) {
        run.state = sampler.number(2) == 0 ? std::string() : sampler.odd_text();
        run.state_version = static_cast<std::uint32_t>(sampler.number(4));
        const Reply reply = any_reply(sampler);
        const Judged judged = talk.judge(run, reply);
        if (!judged.broken.empty())
            fail("a reply with status " + std::to_string(reply.status) + ": " + judged.broken +
                 again(subject));
        if (talk.step() == nullptr) continue;
        const Answer answer = talk.judge_step(reply);
        if (!answer.broken.empty())
            fail("a reply to its connection step with status " + std::to_string(reply.status) +
                 ": " + answer.broken + again(subject));
    }
    return {};
}

}  // namespace

std::vector<Test> fuzz_tests() {
    return {
        {"fuzz-settings", "any settings that fit connect or are refused", fuzz_settings},
        {"fuzz-invocations", "any invocation that fits is planned or refused", fuzz_invocations},
        {"fuzz-replies", "any reply has a verdict", fuzz_replies},
    };
}

}  // namespace signalbox::conformance
