// Fills a journal with runs that wait to be sent, as a long outage of a target leaves them.
//
//   fill-journal DIRECTORY COUNT CONNECTION [PHASE [BYTES]]
//
// PHASE: queued (default) or another phase's name. Each run carries a payload of about BYTES (default 200),
// for either plugin's action `order`.
#include <charconv>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>

#include "base/executor.hpp"
#include "base/ids.hpp"
#include "journal/open.hpp"
#include "signalbox/log.hpp"

namespace {

using namespace signalbox;

/// Insertions under way at once: enough to fill the journal's batches.
constexpr std::size_t kWindow = 4'096;

/// What a payload has beside its filling.
constexpr std::size_t kBytesMin = 100;

/// Keeps what is posted until run_one() runs it, on the program's one thread.
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
  public:
    void write(const LogEvent&) override {}
};

journal::RunSeed seed_of(const std::string& connection, std::string id, std::int64_t now_ms,
                         std::size_t bytes) {
    journal::RunSeed seed;
    seed.id = std::move(id);
    seed.action = "order";
    seed.connection = connection;
    seed.invocation_type = "AZURE_DEVOPS";
    seed.origin = "API";
    seed.created_ms = now_ms;
    seed.properties = R"({"customer":"acme","quantity":3})";
    seed.method = R"({"type":"AZURE_DEVOPS","org":"contoso","webhook":"order","url":"/hook"})";
    seed.payload = R"({"customer":"acme","quantity":3,"note":")" + std::string(bytes - kBytesMin, 'x') +
                   R"(","port_context":{"runId":")" + seed.id + "\"}}";
    return seed;
}

int fill(const std::string& directory, std::size_t count, const std::string& connection,
         journal::Phase phase, std::size_t bytes) {
    Inbox inbox;
    NoLog log;
    auto opened = journal::open_sqlite(directory, inbox, system_clock(), system_random(), log);
    if (!opened) {
        std::cerr << "fill-journal: " << opened.error().message << '\n';
        return 1;
    }
    RunIds ids(system_clock(), system_random());
    std::size_t begun = 0;
    std::size_t ended = 0;
    bool failed = false;
    while (ended < count && !failed) {
        while (begun < count && begun - ended < kWindow) {
            const std::int64_t now_ms = system_clock().wall_ms();
            journal::RunState state;
            state.phase = phase;
            state.attempts = phase == journal::Phase::retrying ? 1 : 0;
            state.due_ms = state.updated_ms = now_ms;
            (*opened)->insert(seed_of(connection, ids.next_run_id(), now_ms, bytes), std::move(state),
                              [&](Result<journal::Inserted> inserted) {
                                  ++ended;
                                  if (inserted || failed) return;
                                  failed = true;
                                  std::cerr << "fill-journal: " << inserted.error().message << '\n';
                              });
            ++begun;
        }
        inbox.run_one();
    }
    (*opened)->close();
    return failed ? 1 : 0;
}

std::optional<std::size_t> number_of(const std::string& text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

}  // namespace

int main(int argc, char** argv) {
    const auto count = number_of(argc > 2 ? argv[2] : "");
    const auto bytes = number_of(argc > 5 ? argv[5] : "200");
    const auto phase = signalbox::journal::phase_from_name(argc > 4 ? argv[4] : "queued");
    if (argc < 4 || argc > 6 || !count || !phase || bytes.value_or(0) < kBytesMin) {
        std::cerr << "usage: fill-journal DIRECTORY COUNT CONNECTION [PHASE [BYTES]]\n";
        return 2;
    }
    return fill(argv[1], *count, argv[3], *phase, *bytes);
}
