// Both journals are given the same calls and must say the same of them: one by one with kills between, and many at
// once.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "journal/ahead/records.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

/// Everything that a journal says of its runs, as bytes.
std::string told(Desk& desk) {
    std::string all;
    RunFilter filter;
    while (true) {
        const auto page = desk.list(filter);
        REQUIRE(page);
        for (const Run& run : page->runs) {
            const auto found = desk.find(run.seed.id);
            REQUIRE(found);
            ahead::write_insert(all, found->run.sequence, found->run.seed, found->run.state);
            for (const Attempt& attempt : found->attempts) {
                Change change;
                change.attempt = attempt;
                ahead::write_change(all, found->run.sequence, change, 0, false);
            }
            const auto lines = desk.logs(run.seed.id);
            REQUIRE(lines);
            for (const LogLine& line : *lines) {
                Change change;
                change.log = line;
                ahead::write_change(all, found->run.sequence, change, line.number, false);
            }
        }
        if (page->next == 0) break;
        filter.before = page->next;
    }
    const auto rejections = desk.rejections();
    REQUIRE(rejections);
    ahead::write_rejections(all, rejections->rejections);
    const auto upstream = desk.upstream();
    REQUIRE(upstream);
    for (const UpstreamRun& run : *upstream)
        ahead::write_told(all, ToldUpstream{run, false});
    return all;
}

/// Tells where they differ, and not all of both.
void check_same(const std::string& found, const std::string& expected) {
    const auto end = std::min(found.size(), expected.size());
    std::size_t at = 0;
    while (at < end && found[at] == expected[at])
        ++at;
    const std::size_t from = at < 60 ? 0 : at - 60;
    CAPTURE(at, found.substr(from, 200), expected.substr(from, 200));
    CHECK((at == found.size() && at == expected.size()));
}

/// The same calls for both journals, drawn at random.
class Twins {
  public:
    Twins(Desk& file, Desk& log) : file_(file), log_(log) {}

    void step() {
        switch (draw(10)) {
            case 0:
            case 1:
            case 2: return insert();
            case 3:
            case 4:
            case 5: return change();
            case 6: return reject();
            case 7: return tell_upstream();
            case 8: return find();
            default:
                if (draw(20) == 0) sweep();
        }
    }

  private:
    int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    bool heads() { return draw(2) == 0; }

    template <class Value>
    void same(const Result<Value>& file, const Result<Value>& log) {
        REQUIRE((file ? "" : file.error().code) == (log ? "" : log.error().code));
    }

    std::string some_id() { return "r_" + std::to_string(1000 + draw(made_ + 2)); }

    void find() {
        if (draw(4) != 0) return;  // a read has everything taken over
        const std::string id = some_id();
        const auto file = file_.find(id);
        const auto log = log_.find(id);
        same(file, log);
        if (file) REQUIRE(file->attempts.size() == log->attempts.size());
    }

    AttemptRequest request() {
        return {"POST", "https://x.example/" + std::to_string(draw(100)), "A: b\r\n",
                heads() ? std::nullopt : std::optional<std::string>("sent " + std::string(5, '\0'))};
    }

    RunState state() {
        RunState state = state_of(static_cast<Phase>(draw(11)), heads() ? "SUCCESS" : "");
        state.updated_ms = draw(1'000'000);
        state.attempts = draw(5);
        if (state.phase == Phase::sending) state.open = OpenAttempt{1 + draw(3), 77, request()};
        if (heads()) state.reason = "because";
        if (heads()) state.external_run_id = std::to_string(draw(1000));
        if (heads()) state.plugin_state = std::string("a\0b", 3);
        if (draw(5) == 0) {
            state.approval.emplace();
            state.approval->decisions.push_back({true, "portal", "a@b.example", 5, "yes"});
        }
        return state;
    }

    void insert() {
        // Now and then an id that is taken, or one that is not the largest.
        RunSeed seed = seed_of(draw(8) == 0 ? some_id() : "r_" + std::to_string(1000 + made_));
        ++made_;
        seed.created_ms = 1'700'000'000'000 + made_;
        seed.properties = R"({"note":")" + std::string(static_cast<std::size_t>(draw(3'000)), 'x') + "\"}";
        seed.payload = heads() ? seed.properties : R"({"in":)" + seed.properties + ",\"more\":1}";
        seed.method = "{}";
        if (heads()) seed.entity = R"({"identifier":"svc"})";
        if (draw(4) == 0) {
            seed.client = "portal";
            seed.idempotency_key = "key " + std::to_string(draw(10));
            seed.idempotency_digest = std::string(32, heads() ? 'a' : 'b');
        }
        if (draw(4) == 0) {
            seed.replay = ReplayKey{"port", std::string(32, static_cast<char>('a' + draw(26))),
                                    seed.created_ms + draw(40), 12};
        }
        seed.upstream_reports = draw(4) == 0;
        const RunState first = state();
        const auto file = file_.insert(seed, first);
        const auto log = log_.insert(seed, first);
        same(file, log);
        if (!file) return;
        REQUIRE(file->sequence == log->sequence);
        REQUIRE(file->existing.has_value() == log->existing.has_value());
        if (file->existing) {
            REQUIRE(file->existing->seed.payload == log->existing->seed.payload);
            REQUIRE(file->existing->state.phase == log->existing->state.phase);
            REQUIRE(file->existing->state.updated_ms == log->existing->state.updated_ms);
        }
    }

    void change() {
        Change wanted;
        if (draw(5) != 0) wanted.state = state();
        if (heads()) {
            wanted.attempt.emplace();
            wanted.attempt->number = 1 + draw(3);
            wanted.attempt->outcome = "accepted";
            wanted.attempt->phases.wait = 1.5;
            wanted.attempt->request = request();
        }
        if (heads()) {
            wanted.log.emplace();
            wanted.log->message = "line " + std::to_string(draw(1000));
        }
        const auto decide = [&wanted](const Run& run) {
            Change change = wanted;
            if (change.log) change.log->message += " in " + std::string(phase_name(run.state.phase));
            return change;
        };
        const bool by_id = heads();
        const auto sequence = static_cast<Sequence>(1 + draw(made_ + 1));
        const std::string id = some_id();
        const auto file = by_id ? file_.change(id, decide) : file_.change(sequence, decide);
        const auto log = by_id ? log_.change(id, decide) : log_.change(sequence, decide);
        same(file, log);
        if (!file) return;
        REQUIRE(file->sequence == log->sequence);
        REQUIRE(file->logged == log->logged);
        REQUIRE(file->seed.id == log->seed.id);
        REQUIRE(file->state.reason == log->state.reason);
    }

    void reject() {
        Rejection rejection;
        rejection.at_ms = draw(1000);
        rejection.code = "inputs_invalid";
        rejection.message = "no";
        rejection.pointers = {"/properties/" + std::to_string(draw(10)), "/x"};
        same(file_.keep_rejections({rejection, rejection}), log_.keep_rejections({rejection, rejection}));
    }

    void tell_upstream() {
        const UpstreamRun run{1 + draw(made_ + 1), "told " + std::to_string(draw(100)), draw(5)};
        const bool ended = draw(3) == 0;
        same(file_.tell_upstream(run, ended), log_.tell_upstream(run, ended));
    }

    void sweep() {
        SweepStep step;
        step.action = "deploy";
        step.counted_out = draw(made_ + 1);
        step.keyed_before_ms = 2'000'000'000'000;
        const auto file = file_.sweep(step);
        const auto log = log_.sweep(step);
        same(file, log);
        REQUIRE(file->deleted == log->deleted);
    }

    Desk& file_;
    Desk& log_;
    std::mt19937 random_{20261130};
    int made_ = 0;
};

}  // namespace

TEST_CASE("journal: with and without a log before the file the same calls come to the same", "[journal][file]") {
    Desk file;
    Desk log{Desk::Closed{}, small_log()};
    log.into = CommitInto::log;
    log.open();
    Twins twins(file, log);
    for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 120; ++i)
            twins.step();
        CAPTURE(round);
        // What a kill at this moment would leave, opened either way.
        Desk killed{Desk::Closed{}};
        copy_as_after_a_kill(log, killed);
        killed.into = round % 2 == 0 ? CommitInto::log : CommitInto::file;
        killed.open();
        const std::string expected = told(file);
        check_same(told(killed), expected);
        if (round % 3 == 0) check_same(told(log), expected);
        if (round % 4 == 3) log.reopen();
    }
}

/// Calls that do not wait for one another: accepted, closed and taken up again by their numbers. The answers, in
/// the order of the calls.
static std::vector<std::string> at_once(Desk& desk, unsigned start, int first, int calls) {
    std::mt19937 random(start);
    std::vector<std::string> answers(static_cast<std::size_t>(calls));
    int told = 0;
    for (int i = 0; i < calls; ++i) {
        std::string& answer = answers[static_cast<std::size_t>(i)];
        if (random() % 3 == 0) {
            RunSeed seed = seed_of("r_" + std::to_string(10'000 + first + i));
            seed.payload.assign(random() % 2'000, 'x');
            RunState state = state_of(Phase::sending);
            state.open = OpenAttempt{1, 2, {"POST", "https://x.example", "A: b\r\n", {}}};
            desk.journal->insert(std::move(seed), std::move(state), [&](Result<Inserted> inserted) {
                answer = inserted ? std::to_string(inserted->sequence) : inserted.error().code;
                ++told;
            });
            continue;
        }
        const auto sequence = static_cast<Sequence>(1 + random() % static_cast<unsigned>(first / 3 + i + 1));
        const bool writes_line = random() % 4 == 0;
        desk.journal->change(
            sequence,
            [writes_line](const Run& run) {
                Change change;
                change.state = run.state;
                change.state->updated_ms += 1;
                if (run.state.open) {
                    change.attempt.emplace();
                    change.attempt->number = run.state.open->number;
                    change.attempt->request = run.state.open->request;
                    change.attempt->outcome = "accepted";
                    change.state->open.reset();
                    change.state->phase = Phase::accepted;
                } else if (run.state.updated_ms % 3 == 0) {
                    change.state->phase = Phase::sending;
                    change.state->open = OpenAttempt{2, 3, {"POST", "https://y.example", "", "again"}};
                }
                if (writes_line) {
                    change.log.emplace();
                    change.log->message = "line of " + run.seed.id;
                }
                return change;
            },
            [&](Result<Run>&& run) {
                answer = run ? std::string(phase_name(run->state.phase)) + std::to_string(run->state.updated_ms) +
                                   " " + std::to_string(run->logged)
                             : run.error().code;
                ++told;
            });
        if (random() % 8 == 0) desk.inbox.run_posted();
    }
    desk.inbox.run_until([&] { return told == calls; });
    return answers;
}

TEST_CASE("journal: with and without a log before the file many calls at once come to the same", "[journal][file]") {
    Desk file;
    Desk log{Desk::Closed{}, small_log()};
    log.into = CommitInto::log;
    log.open();
    for (unsigned round = 0; round < 10; ++round) {
        const int first = static_cast<int>(round) * 300;
        CAPTURE(round);
        REQUIRE(at_once(file, round, first, 300) == at_once(log, round, first, 300));
        if (round % 3 == 2) check_same(told(log), told(file));
        if (round == 5) log.reopen();
    }
}

}  // namespace signalbox::journal::test
