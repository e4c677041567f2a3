#include <chrono>

#include "suite.hpp"

// Blocking targets. deliver() has effects, so it is only ever called with its time already over.
namespace signalbox::conformance {
namespace {

struct Delivering {
    explicit Delivering(const Subject& subject) : talk(subject) {
        if (!talk.blocking()) skip("it is no blocking target");
        run = talk.sample(subject);
    }
    Talk talk;
    Run run;
};

std::string check_is_pure(const Subject& subject) {
    Delivering delivering(subject);
    const Answer first = delivering.talk.check(delivering.run);
    const Answer second = delivering.talk.check(delivering.run);
    if (!first.broken.empty()) fail(first.broken);
    if (first.code != second.code) fail("check answers differently the second time");
    return {};
}

std::string deliver_over_time(const Subject& subject) {
    using std::chrono::steady_clock;
    Delivering delivering(subject);
    const auto begin = steady_clock::now();
    const Judged judged = delivering.talk.deliver_cancelled(delivering.run);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    if (!judged.broken.empty()) fail(judged.broken);
    if (judged.verdict.outcome == plugins::Outcome::accepted)
        fail("a call that is cancelled before it begins is said to be accepted");
    if (took.count() > 2'000)
        fail("a cancelled call returns after " + std::to_string(took.count()) +
             " ms; after 2,000 it is given up");
    return {};
}

std::string deliver_leaves_nothing(const Subject& subject) {
    Delivering delivering(subject);
    delivering.talk.deliver_cancelled(delivering.run);
    if (delivering.talk.host().wrong_thread) fail("it calls the host from a thread of its own");
    return {};
}

}  // namespace

std::vector<Test> blocking_tests() {
    return {
        {"check-is-pure", "check answers the same for the same run", check_is_pure},
        {"deliver-over-time", "a cancelled call ends at once and without effect",
         deliver_over_time},
        {"deliver-own-thread", "deliver calls the host on its thread", deliver_leaves_nothing},
    };
}

}  // namespace signalbox::conformance
