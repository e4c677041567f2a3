#include "runs/feed.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;
using namespace signalbox::runs;

namespace {

RunEvent event_of(const std::string& run_id, std::string message = {}) {
    RunEvent event;
    event.run_id = run_id;
    event.log_message = std::move(message);
    return event;
}

void publish(Feed& feed, const RunEvent& event) {
    feed.publish(event.at_ms, [&event] { return event; });
}

std::vector<std::uint64_t> taken(Subscription& subscription) {
    std::vector<std::uint64_t> numbers;
    while (const RunEventPtr event = subscription.next())
        numbers.push_back(event->number);
    return numbers;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("feed: a subscriber gets the events of its run only and one to all gets all", "[runs]") {
    Feed feed(0);
    const auto one = feed.subscribe("r_1", {}, nullptr);
    const auto all = feed.subscribe("", {}, nullptr);
    publish(feed, event_of("r_1"));
    publish(feed, event_of("r_2"));
    publish(feed, event_of("r_1"));
    CHECK(taken(*one) == Numbers{1, 3});
    CHECK(taken(*all) == Numbers{1, 2, 3});
    CHECK(one->next() == nullptr);
}

TEST_CASE("feed: numbers begin above those of an earlier start", "[runs]") {
    Feed earlier(1'000);
    for (int i = 0; i < 999; ++i)
        publish(earlier, event_of("r_1"));
    Feed later(1'001);
    publish(later, event_of("r_1"));
    CHECK(later.last_number() > earlier.last_number());
}

TEST_CASE("feed: whoever comes back goes on after the number it saw last", "[runs]") {
    Feed feed(0);
    feed.subscribe("r_1", {}, nullptr);  // and is gone again
    for (const char* id : {"r_1", "r_2", "r_1", "r_1"})
        publish(feed, event_of(id));
    const auto back = feed.subscribe("r_1", 1, nullptr);
    publish(feed, event_of("r_1"));
    CHECK(back->complete());
    CHECK(taken(*back) == Numbers{3, 4, 5});
    // Nothing was missed by one that has seen the last.
    CHECK(feed.subscribe("", feed.last_number(), nullptr)->complete());
}

TEST_CASE("feed: a number that is not kept any more is told so", "[runs]") {
    FeedBounds bounds;
    bounds.events_max = 2;
    Feed feed(0, bounds);
    feed.subscribe("r_1", {}, nullptr);
    for (int i = 0; i < 4; ++i)
        publish(feed, event_of("r_1"));  // 3 and 4 are kept
    CHECK(feed.subscribe("r_1", 2, nullptr)->complete());
    const auto late = feed.subscribe("r_1", 1, nullptr);
    CHECK_FALSE(late->complete());
    publish(feed, event_of("r_1"));
    CHECK(taken(*late) == Numbers{5});
}

TEST_CASE("feed: a number of another start is told so", "[runs]") {
    Feed feed(1'000);
    feed.subscribe("r_1", {}, nullptr);
    publish(feed, event_of("r_1"));
    CHECK_FALSE(feed.subscribe("", 999'999, nullptr)->complete());
    CHECK(feed.subscribe("", 1'000'000, nullptr)->complete());
    CHECK(feed.subscribe("", 1'000'001, nullptr)->complete());
    CHECK_FALSE(feed.subscribe("", 1'000'002, nullptr)->complete());
}

TEST_CASE("feed: what is kept is bounded by events and by bytes", "[runs]") {
    FeedBounds bounds;
    bounds.events_max = limits::feed_events_max;
    Feed by_events(0, bounds);
    by_events.subscribe("r_1", {}, nullptr);
    for (std::size_t i = 0; i <= limits::feed_events_max; ++i)
        publish(by_events, event_of("r_1"));
    CHECK(by_events.subscribe("r_1", 1, nullptr)->complete());
    CHECK_FALSE(by_events.subscribe("r_1", 0, nullptr)->complete());

    Feed by_bytes(0);
    by_bytes.subscribe("r_1", {}, nullptr);
    publish(by_bytes, event_of("r_1", std::string(limits::feed_bytes_max / 2, 'm')));
    CHECK(by_bytes.subscribe("r_1", 0, nullptr)->complete());
    publish(by_bytes, event_of("r_1", std::string(limits::feed_bytes_max / 2, 'm')));
    CHECK_FALSE(by_bytes.subscribe("r_1", 0, nullptr)->complete());
}

TEST_CASE("feed: where nobody has listened nothing is kept", "[runs]") {
    Feed feed(0);
    publish(feed, event_of("r_1"));
    publish(feed, event_of("r_1"));
    CHECK(feed.last_number() == 2);
    CHECK_FALSE(feed.subscribe("r_1", 1, nullptr)->complete());
    CHECK(feed.subscribe("r_1", 2, nullptr)->complete());
}

TEST_CASE("feed: an event that nobody hears has its number and is not made", "[runs]") {
    Feed feed(0);
    int made = 0;
    const auto make = [&made] {
        ++made;
        return event_of("r_1");
    };
    feed.publish(1, make);
    CHECK(made == 0);
    CHECK(feed.last_number() == 1);
    const auto listener = feed.subscribe("r_1", {}, nullptr);
    feed.publish(7, make);
    CHECK(made == 1);
    const RunEventPtr event = listener->next();
    REQUIRE(event);
    CHECK(event->number == 2);
    CHECK(event->at_ms == 7);
}

TEST_CASE("feed: events are kept for who has gone, for a time", "[runs]") {
    const auto at = [](std::int64_t ms) {
        RunEvent event = event_of("r_1");
        event.at_ms = ms;
        return event;
    };
    const std::int64_t resume_ms = FeedBounds().resume_ms_max;
    constexpr std::int64_t alone_ms = 5'000'000;  // the first event after the last listener
    Feed feed(0);
    {
        const auto listener = feed.subscribe("r_1", {}, nullptr);
        publish(feed, at(1'000));
    }
    publish(feed, at(alone_ms));
    publish(feed, at(alone_ms + resume_ms));
    SECTION("at its end they are all there, and another listener begins it anew") {
        CHECK(taken(*feed.subscribe("r_1", 0, nullptr)) == Numbers{1, 2, 3});
        publish(feed, at(alone_ms + resume_ms + 1));
        CHECK(feed.subscribe("r_1", 0, nullptr)->complete());
    }
    SECTION("past it they are gone") {
        publish(feed, at(alone_ms + resume_ms + 1));
        CHECK_FALSE(feed.subscribe("r_1", 3, nullptr)->complete());
        CHECK(feed.subscribe("r_1", 4, nullptr)->complete());
    }
}

TEST_CASE("feed: a slow subscriber keeps what it has and is told that it lags", "[runs]") {
    Feed feed(0);
    int woken = 0;
    const auto slow = feed.subscribe("r_1", {}, [&] { ++woken; });
    for (std::size_t i = 0; i < limits::feed_queue_events_max; ++i)
        publish(feed, event_of("r_1"));
    CHECK(woken == 1);
    CHECK_FALSE(slow->lagged());
    publish(feed, event_of("r_1"));
    CHECK(slow->lagged());
    CHECK(woken == 2);
    const Numbers numbers = taken(*slow);
    REQUIRE(numbers.size() == limits::feed_queue_events_max);
    // It goes on where it was, with nothing lost.
    const auto again = feed.subscribe("r_1", numbers.back(), nullptr);
    CHECK(again->complete());
    CHECK(taken(*again) == Numbers{numbers.back() + 1});
}

TEST_CASE("feed: a queue is bounded by bytes but one event always fits", "[runs]") {
    Feed feed(0);
    const auto slow = feed.subscribe("r_1", {}, nullptr);
    publish(feed, event_of("r_1", std::string(limits::feed_queue_bytes_max, 'm')));
    CHECK_FALSE(slow->lagged());
    publish(feed, event_of("r_1"));
    CHECK(slow->lagged());
    CHECK(taken(*slow).size() == 1);
}

TEST_CASE("feed: who is woken may end its own subscription and others", "[runs]") {
    Feed feed(0);
    std::shared_ptr<Subscription> first;
    std::shared_ptr<Subscription> second;
    int woken = 0;
    const auto end_both = [&] {
        ++woken;
        first.reset();
        second.reset();
    };
    first = feed.subscribe("r_1", {}, end_both);
    second = feed.subscribe("r_1", {}, end_both);
    publish(feed, event_of("r_1"));
    CHECK(woken >= 1);
    CHECK(feed.subscribers() == 0);
    publish(feed, event_of("r_1"));
    CHECK(woken <= 2);
}

TEST_CASE("feed: a subscription may outlive its feed", "[runs]") {
    std::shared_ptr<Subscription> one;
    std::shared_ptr<Subscription> all;
    {
        Feed feed(0);
        one = feed.subscribe("r_1", {}, nullptr);
        all = feed.subscribe("", {}, nullptr);
        publish(feed, event_of("r_1"));
    }
    CHECK(taken(*one) == Numbers{1});
    CHECK(taken(*all) == Numbers{1});
}
