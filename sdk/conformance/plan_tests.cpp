#include <chrono>
#include <cstddef>

#include "suite.hpp"

// The request that it plans.
namespace signalbox::conformance {
namespace {

/// A connection that plans, and a run that it does plan.
struct Planning {
    explicit Planning(const Subject& subject) : talk(subject) {
        if (talk.blocking()) skip("it is a blocking target and plans nothing");
        run = talk.sample(subject);
    }
    Talk talk;
    Run run;
};

void must_plan(const Planned& planned) {
    if (!planned.broken.empty()) fail(planned.broken);
    if (planned.code != SIGNALBOX_OK)
        fail("it refuses what it planned before" +
             (planned.problems.empty() ? std::string() : ": " + planned.problems.front().message));
}

std::string plan_works(const Subject& subject) {
    Planning planning(subject);
    const Planned planned = planning.talk.plan(planning.run);
    must_plan(planned);
    if (planned.request.done) fail("it plans nothing to send for a new run");
    return {};
}

std::string plan_is_pure(const Subject& subject) {
    Planning planning(subject);
    const Planned first = planning.talk.plan(planning.run);
    Run other = planning.run;
    other.id = "r_another";
    other.payload = R"({"name":"another"})";
    planning.talk.plan(other);
    planning.talk.judge(planning.run, {});
    const Planned second = planning.talk.plan(planning.run);
    must_plan(first);
    if (first.said() != second.said())
        fail("the same run is planned differently the second time, so a preview would lie");
    Talk fresh(subject);
    if (fresh.plan(planning.run).said() != first.said())
        fail("the same run is planned differently by a new connection, so recovery would lie");
    return {};
}

std::string keeps_no_pointer(const Subject& subject) {
    Planning planning(subject);
    Run other = planning.run;
    other.id = "r_0123456789_another_id";
    planning.talk.plan(other);
    planning.talk.judge(other, {});
    const std::string poisoned(4, poison);
    if (planning.talk.plan(planning.run).said().find(poisoned) != std::string::npos)
        fail("a request holds memory of an earlier call; copy what you keep");
    if (planning.talk.judge(planning.run, {}).said().find(poisoned) != std::string::npos)
        fail("a verdict holds memory of an earlier call; copy what you keep");
    return {};
}

std::string plan_older_host(const Subject& subject) {
    Planning planning(subject);
    const auto size = static_cast<std::uint32_t>(offsetof(signalbox_run, credential));
    const Planned planned = planning.talk.plan(planning.run, size);
    if (!planned.broken.empty()) fail(planned.broken);
    if (planned.said().find(std::string(2, poison)) != std::string::npos)
        fail("it reads fields that struct_size says are not there");
    return {};
}

std::string plan_attempts(const Subject& subject) {
    Planning planning(subject);
    planning.run.attempt = 1;
    const Planned first = planning.talk.plan(planning.run);
    planning.run.attempt = 2;
    const Planned second = planning.talk.plan(planning.run);
    must_plan(second);
    if (first.request.url != second.request.url || first.request.method != second.request.method)
        return "a second attempt is another request; a target cannot tell that it is a repetition";
    return {};
}

std::string plan_large_payload(const Subject& subject) {
    Planning planning(subject);
    planning.run.payload = "{\"text\":\"" + std::string(4 * 1024 * 1024, 'x') + "\"}";
    const Planned planned = planning.talk.plan(planning.run);
    if (!planned.broken.empty()) fail(planned.broken);
    return {};
}

std::string plan_unknown_state(const Subject& subject) {
    Planning planning(subject);
    for (const char* state : {"", "{}", "not what it wrote", "\xFF\xFE\x00"}) {
        planning.run.state = state;
        planning.run.state_version = 4'000'000'000;
        const Planned planned = planning.talk.plan(planning.run);
        if (!planned.broken.empty()) fail("with the state of a newer version: " + planned.broken);
        const Judged judged = planning.talk.judge(planning.run, {});
        if (!judged.broken.empty()) fail("with the state of a newer version: " + judged.broken);
    }
    return {};
}

std::string plan_quickly(const Subject& subject) {
    using std::chrono::steady_clock;
    Planning planning(subject);
    planning.talk.plan(planning.run);
    const auto begin = steady_clock::now();
    constexpr int calls = 20;
    for (int i = 0; i < calls; ++i)
        planning.talk.plan(planning.run);
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    if (took.count() / calls <= 5'000) return {};
    return "plan takes " + std::to_string(took.count() / calls) +
           " us; the delivery loop waits for it, and over 5,000 is logged";
}

std::string step_plans(const Subject& subject) {
    Talk talk(subject);
    if (talk.step() == nullptr) skip("it has no connection step");
    const Planned planned = talk.plan_step();
    if (!planned.broken.empty()) fail(planned.broken);
    if (planned.code == SIGNALBOX_OK && planned.request.done)
        fail("its connection step plans nothing to send");
    return {};
}

std::string step_judges(const Subject& subject) {
    Talk talk(subject);
    if (talk.step() == nullptr) skip("it has no connection step");
    for (const Reply& reply :
         {Reply{200, {}, ""}, Reply{200, {{"Content-Type", "application/json"}}, "{\"access_to"},
          Reply{200, {}, "[]"}, Reply{401, {}, "no"}, Reply{500, {}, "{}"},
          Reply{429, {{"Retry-After", "7"}}, ""}}) {
        const Answer answer = talk.judge_step(reply);
        if (!answer.broken.empty())
            fail("for a " + std::to_string(reply.status) + ": " + answer.broken);
    }
    return {};
}

}  // namespace

std::vector<Test> plan_tests() {
    return {
        {"plan-works", "an invocation that fits its schema is planned", plan_works},
        {"plan-is-pure", "the same run gives the same request", plan_is_pure},
        {"keeps-no-pointer", "what is lent for a call is not kept", keeps_no_pointer},
        {"plan-older-host", "fields that are not there are not read", plan_older_host},
        {"plan-attempts", "a repetition is the same request", plan_attempts},
        {"plan-large-payload", "4 MiB are planned or refused", plan_large_payload},
        {"plan-unknown-state", "a state of another version does no harm", plan_unknown_state},
        {"plan-quickly", "plan does not hold up the loop", plan_quickly},
        {"step-plans", "the connection step fetches something", step_plans},
        {"step-judges", "the connection step copes with any reply", step_judges},
    };
}

}  // namespace signalbox::conformance
