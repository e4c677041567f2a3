// The parts of a dispatch one by one, so that a regression has a name: the head of a request, JSON,
// signing, templates, the journal. Payloads are of about 2 KiB.
//
//   bench-micro [--benchmark_filter=REGEX] …     (Google Benchmark's own options)
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>

#include "actions/action.hpp"
#include "base/executor.hpp"
#include "base/ids.hpp"
#include "journal/open.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "net/framing.hpp"
#include "net/head_scan.hpp"
#include "signalbox/log.hpp"
#include "signing/scheme.hpp"

namespace {

using namespace signalbox;

constexpr std::int64_t kBodyMax = 1'048'576;

const std::string& body() {
    static const std::string text = R"({"properties":{"customer":"acme","quantity":3,"note":")" +
                                    std::string(1'980, 'x') + "\"}}";
    return text;
}

void request_head(benchmark::State& state) {
    const std::string head =
        "POST /v1/actions/order/runs HTTP/1.1\r\nHost: signalbox.example:8080\r\n"
        "User-Agent: bench\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
        std::string(110, 't') + "\r\nContent-Length: 2041\r\n\r\n";
    net::ParsedHead parsed;
    for (auto _ : state) {
        net::HeadScan scan(16'384, 100);
        if (scan.look(head) != net::HeadState::complete) state.SkipWithError("not whole");
        net::RequestHead judged;
        if (net::judge_request(head, kBodyMax, parsed, judged)) state.SkipWithError("refused");
        benchmark::DoNotOptimize(judged);
    }
}
BENCHMARK(request_head);

void json_parse(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(json::parse(body()));
}
BENCHMARK(json_parse);

void json_write(benchmark::State& state) {
    const json::Value value = *json::parse(body());
    for (auto _ : state)
        benchmark::DoNotOptimize(json::write(value));
}
BENCHMARK(json_write);

void sign(benchmark::State& state, signing::Scheme scheme) {
    const signing::Signer signer(scheme, {}, {"a key of some length"});
    for (auto _ : state)
        benchmark::DoNotOptimize(signer.headers(body(), 1'700'000'000, "r_id"));
}
BENCHMARK_CAPTURE(sign, hmac_sha1, signing::Scheme::hmac_sha1_hex);
BENCHMARK_CAPTURE(sign, hmac_sha256, signing::Scheme::hmac_sha256_prefixed);

constexpr const char* kAction = R"(
identifier: order
trigger:
  type: self-service
  operation: CREATE
  userInputs:
    properties:
      customer: { type: string, maxLength: 64 }
      quantity: { type: number, minimum: 1 }
      note: { type: string }
    required: [ customer, quantity ]
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: order
  payload:
    "{{ spreadValue() }}": "{{ .inputs }}"
    port_context: { runId: "{{ .run.id }}", trigger: "{{ .trigger }}" }
)";

void action(benchmark::State& state) {
    document::Problems problems;
    const auto order = actions::read_text(kAction, "order.yaml", problems);
    const json::Value inputs = json::parse(body())->as_object().at("properties");
    for (auto _ : state) {
        actions::Invocation invocation;
        invocation.run_id = "r_00000000000000000000000000";
        invocation.properties = *actions::check_inputs(*order, inputs);
        invocation.origin = "API";
        benchmark::DoNotOptimize(actions::render(*order, invocation));
    }
}
BENCHMARK(action);

/// Runs what is posted on the bench's own thread.
class Inbox final : public Executor {
  public:
    void post(Task task) override {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(task));
        wake_.notify_one();
    }
    TimerId at(std::int64_t, Task) override { return 0; }
    void cancel(TimerId) override {}
    void run_one() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !waiting_.empty(); });
        const Task task = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        task();
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> waiting_;
};

class NoLog final : public LogSink {
    void write(const LogEvent&) override {}
};

journal::RunSeed seed_of(std::string id) {
    journal::RunSeed seed;
    seed.id = std::move(id);
    seed.action = "order";
    seed.connection = "sink";
    seed.invocation_type = "AZURE_DEVOPS";
    seed.client = "bench";
    seed.origin = "API";
    seed.properties = body().substr(14, body().size() - 15);
    seed.method = R"({"org":"contoso","webhook":"order"})";
    seed.payload = seed.properties;
    return seed;
}

/// One run each: inserted with its first attempt open, and closed; as many at once as the argument
/// says.
void journal_run(benchmark::State& state, journal::CommitInto commits) {
    std::string folder = (std::filesystem::temp_directory_path() / "bench-micro-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no folder");
    Inbox inbox;
    NoLog log;
    RunIds ids(system_clock(), system_random());
    auto store = *journal::open_sqlite(folder, inbox, system_clock(), system_random(), log,
                                       silent_metrics(), commits);
    std::int64_t under_way = 0;
    bool failed = false;
    const auto close = [&](journal::Sequence sequence, const journal::OpenAttempt& open) {
        store->change(
            sequence,
            [open](const journal::Run& run) {
                journal::Change change;
                change.state = run.state;
                change.state->phase = journal::Phase::accepted;
                change.state->open.reset();
                change.attempt.emplace();
                change.attempt->number = open.number;
                change.attempt->request = open.request;
                change.attempt->response_status = 200;
                change.attempt->outcome = "accepted";
                return change;
            },
            [&](Result<journal::Run> run) {
                failed = failed || !run;
                --under_way;
            });
    };
    for (auto _ : state) {
        journal::RunState begun;
        begun.phase = journal::Phase::sending;
        begun.attempts = 1;
        begun.open = journal::OpenAttempt{
            1, 1, {"POST", "https://dev.azure.com/contoso/_apis/x", std::string(300, 'h'), {}}};
        const journal::OpenAttempt open = *begun.open;
        ++under_way;
        store->insert(seed_of(ids.next_run_id()), std::move(begun),
                      [&, open](Result<journal::Inserted> inserted) {
                          if (inserted) return close(inserted->sequence, open);
                          failed = true;
                          --under_way;
                      });
        while (under_way >= state.range(0))
            inbox.run_one();
    }
    while (under_way > 0)
        inbox.run_one();
    store->close();
    store.reset();
    std::filesystem::remove_all(folder);
    if (failed) state.SkipWithError("the journal refused");
}
BENCHMARK_CAPTURE(journal_run, file, journal::CommitInto::file)->Arg(1)->Arg(64)->Arg(512)->UseRealTime();
BENCHMARK_CAPTURE(journal_run, log, journal::CommitInto::log)->Arg(1)->Arg(64)->Arg(512)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
