#include "dispatch/filling.hpp"

#include <catch2/catch.hpp>

#include "base/hole.hpp"
#include "base/limits.hpp"
#include "dispatch/engine.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

// Secrets on their way out: what leaves has them, and what is kept and shown has not.
using namespace signalbox;
using namespace signalbox::dispatch;
using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

/// Sends to what the method's `url` says, with its `header`; repeats in its verdict what came back.
class EchoingConnection final : public plugins::Connection {
  public:
    Result<plugins::PlannedRequest> plan(const plugins::RunView& run) override {
        seen.append(run.method).append(run.payload);
        const auto between = [&](const std::string& name) {
            const std::string key = "\"" + name + "\":\"";
            const std::size_t begin = run.method.find(key) + key.size();
            return std::string(run.method.substr(begin, run.method.find('"', begin) - begin));
        };
        plugins::PlannedRequest request;
        request.url = between("url");
        request.headers = {{"Content-Type", "application/json"}, {"X-Key", between("header")}};
        if (own_body) request.body = "{\"wrapped\":" + std::string(run.payload) + "}";
        return request;
    }
    Result<plugins::Verdict> judge(const plugins::RunView& run,
                                   const plugins::ResponseView& response) override {
        seen.append(run.method).append(run.payload);
        plugins::Verdict verdict;
        verdict.outcome = plugins::Outcome::permanent;
        verdict.reason = std::string(response.body);
        verdict.response = std::string(response.body);
        return verdict;
    }
    std::string seen;
    bool own_body = false;
};

const std::map<std::string, std::string, std::less<>> kSecrets = {
    {"TOKEN", "to\"ken &+1"},
    {"HOOK", "https://hooks.test/T1/B2?k=v%20w"},
    {"LINES", "one\ntwo"},
    {"USER", "https://jo:pw@hooks.test/"}};

Target echoing(EchoingConnection** connection) {
    auto echoing = std::make_unique<EchoingConnection>();
    *connection = echoing.get();
    Target target{"target",
                  "plain",
                  std::move(echoing),
                  signing::Signer(signing::Scheme::hmac_sha1_hex, "X-Signature", {"secret"}),
                  Policy{},
                  "http://signalbox.test",
                  {}};
    target.secrets = std::make_shared<const Secrets>(kSecrets);
    return target;
}

journal::RunSeed seed_of(const std::string& url, const std::string& header,
                         const std::string& payload) {
    journal::RunSeed seed;
    seed.id = "r_1";
    seed.action = "deploy";
    seed.connection = "target";
    seed.method = "{\"url\":\"" + url + "\",\"header\":\"" + header + "\"}";
    seed.payload = payload;
    seed.created_ms = 1'700'000'000'000;
    return seed;
}

Result<Composed> composed(const journal::RunSeed& seed, EchoingConnection** connection = nullptr) {
    EchoingConnection* unused = nullptr;
    const Target target = echoing(connection != nullptr ? connection : &unused);
    return compose(target, seed, {}, 1, seed.created_ms);
}

std::string all_values(const std::string& text) {
    std::string found;
    for (const auto& [name, value] : kSecrets)
        if (text.find(value) != std::string::npos) found += name + " ";
    return found;
}

class NoLog final : public LogSink {
    void write(const LogEvent&) override {}
};

}  // namespace

TEST_CASE(
    "dispatch: secrets are in what leaves and *** in what is kept, and the signature is over "
    "what leaves",
    "[dispatch]") {
    const journal::RunSeed seed =
        seed_of("https://target.test/" + hole("TOKEN"), "Bearer " + hole("TOKEN"),
                "{\"t\":\"" + hole("TOKEN") + "\"}");
    EchoingConnection* unused = nullptr;
    const Target target = echoing(&unused);
    auto made = compose(target, seed, {}, 1, seed.created_ms);
    REQUIRE(made.ok());
    const WireRequest wire = to_wire(target, *made, seed.payload);
    CHECK(wire.url == "https://target.test/to%22ken%20%26%2B1");
    CHECK(wire.body == R"({"t":"to\"ken &+1"})");
    CHECK(wire.headers.at(1) == Header{"X-Key", "Bearer to\"ken &+1"});
    signing::Key key(signing::Scheme::hmac_sha1_hex, "secret");
    CHECK(wire.headers.back() == Header{"X-Signature", key.sign(wire.body, 0, {})});
    CHECK(made->record.url == "https://target.test/***");
    CHECK_THAT(made->record.head, Contains("X-Key: Bearer ***\r\n"));
    CHECK(all_values(made->record.url + made->record.head + seed.payload + seed.method).empty());
    CHECK_FALSE(made->record.body);
}

TEST_CASE("dispatch: a run without secrets is composed as ever", "[dispatch]") {
    const journal::RunSeed seed = seed_of("https://target.test/", "h", "{}");
    const auto made = composed(seed);
    REQUIRE(made.ok());
    CHECK(made->filling == nullptr);
    CHECK(made->record.url == "https://target.test/");
}

TEST_CASE("dispatch: a plugin never sees a secret, and what it makes of a word is filled",
          "[dispatch]") {
    const journal::RunSeed seed =
        seed_of("https://target.test/", hole("TOKEN"), "{\"t\":\"" + hole("TOKEN") + "\"}");
    EchoingConnection* connection = nullptr;
    const Target target = echoing(&connection);
    connection->own_body = true;
    auto made = compose(target, seed, {}, 1, seed.created_ms);
    REQUIRE(made.ok());
    CHECK(all_values(connection->seen).empty());
    CHECK_FALSE(has_hole(connection->seen));
    CHECK(to_wire(target, *made, seed.payload).body == R"({"wrapped":{"t":"to\"ken &+1"}})");
    CHECK(made->record.body == R"({"wrapped":{"t":"***"}})");
}

TEST_CASE("dispatch: an input that repeats what stands for a secret stays what it is",
          "[dispatch]") {
    // The word depends on all the bytes of the run: one that is put into the run changes it.
    journal::RunSeed seed = seed_of("https://target.test/", hole("TOKEN"), "{}");
    EchoingConnection* connection = nullptr;
    const Target target = echoing(&connection);
    connection->own_body = true;
    REQUIRE(compose(target, seed, {}, 1, seed.created_ms).ok());
    const std::string key = "\"header\":\"";
    const std::size_t begin = connection->seen.find(key) + key.size();
    const std::string word =
        connection->seen.substr(begin, connection->seen.find('"', begin) - begin);
    REQUIRE(word.size() == 41);
    seed.payload = "{\"input\":\"" + word + " TOKEN *** {{ .secrets.TOKEN }}\"}";
    auto made = compose(target, seed, {}, 1, seed.created_ms);
    REQUIRE(made.ok());
    CHECK(to_wire(target, *made, seed.payload).body == "{\"wrapped\":" + seed.payload + "}");
}

TEST_CASE("dispatch: a secret may be a whole URL, and only a sound one", "[dispatch]") {
    const auto url_of = [](const std::string& url) -> std::string {
        const auto made = composed(seed_of(url, "h", "{}"));
        if (!made) return made.error().code + ": " + made.error().message;
        return made->filled_url + " " + made->record.url;
    };
    CHECK(url_of(hole("HOOK")) == "https://hooks.test/T1/B2?k=v%20w https://***");
    CHECK(url_of(hole("HOOK") + "&more=1") ==
          "https://hooks.test/T1/B2?k=v%20w&more=1 https://***&more=1");
    CHECK_THAT(url_of(hole("USER")), Contains("plan_refused: the secret 'USER'") &&
                                         Contains("user name") && !Contains("pw"));
    CHECK_THAT(url_of("https://target.test/" + hole("NONE")),
               Contains("plan_refused: the secret 'NONE' is not in the config any more"));
}

TEST_CASE("dispatch: a secret with a line break does not get into a header", "[dispatch]") {
    const auto made = composed(seed_of("https://target.test/", hole("LINES"), "{}"));
    REQUIRE_FALSE(made.ok());
    CHECK_THAT(made.error().message, Contains("'LINES'") && Contains("X-Key") && !Contains("two"));
    CHECK(composed(seed_of("https://target.test/", "h", "{\"a\":\"" + hole("LINES") + "\"}"))
              ->filled_body == R"({"a":"one\ntwo"})");
}

TEST_CASE("dispatch: what a target repeats of a secret is not kept", "[dispatch]") {
    ManualClock clock;
    ManualExecutor executor(clock);
    MiddleRandom random;
    NoLog log;
    MemoryJournal journal(executor);
    ScriptedTransport transport(executor);
    Engine engine(executor, clock, random, journal, transport, log);
    EchoingConnection* connection = nullptr;
    engine.add(echoing(&connection));
    engine.accept(
        seed_of("https://target.test/", hole("TOKEN"), "{\"t\":\"" + hole("TOKEN") + "\"}"),
        [](Result<Accepted> done) { REQUIRE(done.ok()); });
    executor.settle();
    REQUIRE(transport.sent.size() == 1);
    transport.answer(
        400, {},
        "you sent " + transport.sent[0].body + " and to\"ken &+1 and " + "to%22ken%20%26%2B1");
    executor.settle();
    const journal::Run run = journal.run("r_1");
    CHECK(run.state.reason.find("you sent {\"t\":\"***\"} and *** and ***") != std::string::npos);
    CHECK(all_values(run.state.reason + run.seed.payload + run.seed.method).empty());
    CHECK(all_values(connection->seen.substr(0, connection->seen.size())).empty());
    for (const auto& [number, attempt] : journal.attempts.at(run.sequence))
        CHECK(all_values(attempt.reason + attempt.request.head + attempt.request.url).empty());
}

TEST_CASE("dispatch: what a target repeats of the connection's own secrets is not kept, in any form",
          "[dispatch]") {
    ManualClock clock;
    ManualExecutor executor(clock);
    MiddleRandom random;
    NoLog log;
    MemoryJournal journal(executor);
    ScriptedTransport transport(executor);
    Engine engine(executor, clock, random, journal, transport, log);
    EchoingConnection* unused = nullptr;
    Target target = echoing(&unused);
    target.censor.add_header("Basic am86c2VjcmV0");
    target.censor.add("si\"gn");
    engine.add(std::move(target));
    // Of a run that names no secret.
    engine.accept(seed_of("https://target.test/", "h", "{}"),
                  [](Result<Accepted> done) { REQUIRE(done.ok()); });
    executor.settle();
    transport.answer(400, {},
                     "Authorization: Basic am86c2VjcmV0, am86c2VjcmV0, si\"gn, si\\\"gn, "
                     "si\\\\\\\"gn, si%22gn, c2kiZ24=.");
    executor.settle();
    CHECK_THAT(journal.run("r_1").state.reason,
               Contains("Authorization: ***, ***, ***, ***, ***, ***, ***."));
}

TEST_CASE("dispatch: a secret at the size limit of a payload is sent and one byte more is refused",
          "[dispatch]") {
    const auto code_of = [](std::size_t size) -> std::string {
        EchoingConnection* unused = nullptr;
        Target target = echoing(&unused);
        target.secrets = std::make_shared<const Secrets>(Secrets{{"BIG", std::string(size, 'x')}});
        // {"a":"…"} has 8 bytes beside the text.
        const auto seed = seed_of("https://target.test/", "h", "{\"a\":\"" + hole("BIG") + "\"}");
        const auto made = compose(target, seed, {}, 1, seed.created_ms);
        return made ? "sent" : made.error().code;
    };
    CHECK(code_of(limits::payload_bytes_max - 8) == "sent");
    CHECK(code_of(limits::payload_bytes_max - 7) == "payload_too_large");
}
