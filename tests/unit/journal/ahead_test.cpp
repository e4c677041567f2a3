// The log before the journal's file: what a kill leaves in it, and that both journals say the same of the same
// calls. The rest of the journal's tests are run with it too (tests/CMakeLists.txt).
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fault_vfs.hpp"
#include "journal/ahead/position.hpp"
#include "journal/ahead/records.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/ahead/unfiled.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

namespace fs = std::filesystem;

/// Small enough that a test goes round the log's files and takes over many portions.
sqlite::Tuning small_log() {
    sqlite::Tuning tuning;
    tuning.log_segment_bytes = 32 * 1024;
    tuning.log_take_over_bytes = 8 * 1024;
    return tuning;
}

std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

fs::path log_file(const Desk& desk, int number) {
    return desk.folder.file().string() + "-log" + std::to_string(number);
}

void overwrite(const fs::path& path, std::size_t at, const std::string& bytes) {
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(stream.good());
}

/// The backup `b` in the place of the file, and the log that was beside that.
void put_backup_in_place(const Desk& from, const Desk& to) {
    copy_as_after_a_kill(from, to);
    fs::remove(to.folder.wal());
    fs::copy_file(from.folder.journal() / "backups" / "b.sqlite", to.folder.file(),
                  fs::copy_options::overwrite_existing);
}

/// A journal of the log alone: nothing is taken over while it is open and nobody reads.
class LogDesk : public Desk {
  public:
    LogDesk() : Desk(Desk::Closed{}) {
        into = CommitInto::log;
        open();
    }
};

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

TEST_CASE("journal: a log's last frame that a kill has torn is left out, and those before it are not",
          "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk torn{Desk::Closed{}};
    copy_as_after_a_kill(desk, torn);
    const std::size_t last = content(log_file(torn, 0)).find("r_2");
    REQUIRE(last != std::string::npos);
    overwrite(log_file(torn, 0), last + 2, "3");
    torn.open();
    CHECK(ids_of(torn.list({})->runs) == std::vector<std::string>{"r_1"});
    CHECK(torn.insert(seed_of("r_2")));
}

TEST_CASE("journal: damage in the middle of the log is said at the start", "[journal][file]") {
    LogDesk desk;
    for (const char* id : {"r_1", "r_2", "r_3"})
        REQUIRE(desk.insert(seed_of(id)));
    Desk damaged{Desk::Closed{}};
    copy_as_after_a_kill(desk, damaged);
    overwrite(log_file(damaged, 0), content(log_file(damaged, 0)).find("r_2"), "r_4");
    for (const CommitInto into : {CommitInto::log, CommitInto::file}) {
        damaged.into = into;
        const auto refused = damaged.try_open();
        REQUIRE(refused);
        CHECK(refused->code == "journal_corrupt");
        CHECK_THAT(refused->message, Catch::Contains("-log0") && Catch::Contains("backup"));
    }
}

TEST_CASE("journal: damage in what the file has already hides nothing that it does not have", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.find("r_1"));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk damaged{Desk::Closed{}};
    copy_as_after_a_kill(desk, damaged);
    overwrite(log_file(damaged, 0), content(log_file(damaged, 0)).find("r_1"), "r_4");
    const auto refused = damaged.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_corrupt");
}

TEST_CASE("journal: a log that cannot be read is said at the start", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    fs::remove(log_file(desk, 0));
    fs::create_directory(log_file(desk, 0));
    const auto refused = desk.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_unavailable");
    CHECK_THAT(refused->message, Catch::Contains("-log0"));
}

TEST_CASE("journal: the log's files are used again and again", "[journal][file]") {
    Desk desk{Desk::Closed{}, small_log()};
    desk.into = CommitInto::log;
    desk.open();
    for (int i = 0; i < 200; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(1000 + i));
        seed.payload.assign(3'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    // 600 KB of payloads went through 32 KiB each, which grow by steps.
    CHECK(fs::file_size(log_file(desk, 0)) == limits::log_growth_bytes);
    CHECK(fs::file_size(log_file(desk, 1)) == limits::log_growth_bytes);
    CHECK((fs::status(log_file(desk, 0)).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    Desk killed{Desk::Closed{}};
    copy_as_after_a_kill(desk, killed);
    killed.open();
    CHECK(killed.list({})->runs.front().seed.id == "r_1199");
    killed.journal->close();
    CHECK(ask_sql(killed.folder.file(), "SELECT count(*) FROM runs") == 200);
}

TEST_CASE("journal: opened without a log, what is in one goes into the file and the log goes", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    Desk killed{Desk::Closed{}};
    copy_as_after_a_kill(desk, killed);
    killed.into = CommitInto::file;
    killed.open();
    CHECK(killed.find("r_1"));
    CHECK_FALSE(fs::exists(log_file(killed, 0)));
    CHECK_FALSE(fs::exists(log_file(killed, 1)));
}

TEST_CASE("journal: a log is not added to a backup that is put in its file's place", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk restored{Desk::Closed{}};
    put_backup_in_place(desk, restored);
    restored.into = CommitInto::log;
    restored.open();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_1"});
    REQUIRE(restored.insert(seed_of("r_3")));
    restored.reopen();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_3", "r_1"});
}

TEST_CASE("journal: a log that was begun after a backup is not added to it", "[journal][file]") {
    Desk desk;
    desk.reopen();
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    desk.into = CommitInto::log;
    desk.reopen();
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk restored{Desk::Closed{}};
    put_backup_in_place(desk, restored);
    restored.open();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_1"});
}

TEST_CASE("journal: a log beside a file that it was not written for is left out", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    LogDesk other;
    other.journal.reset();
    for (const int number : {0, 1})
        fs::copy_file(log_file(desk, number), log_file(other, number), fs::copy_options::overwrite_existing);
    // The two journals' keys are drawn alike here, and would not be in life.
    run_sql(other.folder.file(), "UPDATE meta SET value = zeroblob(32) WHERE name = 'token_key'");
    other.open();
    CHECK(other.list({})->runs.empty());
}

TEST_CASE("journal: while the file cannot take over, commits go on and reads say why they cannot",
          "[journal][file]") {
    FaultyDisk disk;
    Desk desk{Desk::Closed{}, small_log()};
    desk.into = CommitInto::log;
    desk.open();
    REQUIRE(desk.insert(seed_of("r_1")));
    disk.set(Fault::file_full);
    REQUIRE(desk.insert(seed_of("r_2")));
    const auto unread = desk.find("r_1");
    REQUIRE_FALSE(unread);
    CHECK(unread.error().code == "journal_unavailable");
    REQUIRE(desk.journal->trouble());
    // Until there is no room in the log for what the file does not have.
    bool refused = false;
    int kept = 2;
    for (int i = 0; i < 100 && !refused; ++i) {
        RunSeed seed = seed_of("r_more_" + std::to_string(100 + i));
        seed.payload.assign(3'000, 'x');
        refused = !desk.insert(seed);
        if (!refused) ++kept;
    }
    CHECK(refused);
    CHECK(kept > 10);
    disk.set(Fault::none);
    REQUIRE(desk.insert(seed_of("r_z")));
    CHECK(desk.find("r_1"));
    CHECK_FALSE(desk.journal->trouble());
    desk.reopen();
    desk.journal->close();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM runs") == kept + 1);
}

TEST_CASE("journal: a run that was changed while it was taken over is not found as it was", "[journal][file]") {
    ahead::Unfiled unfiled({}, 1, [] {});
    RunState sending = state_of(Phase::sending);
    sending.open = OpenAttempt{1, 2, {"POST", "https://x.example", "", {}}};
    Changes made;
    made.insert(7, seed_of("r_7"), sending);
    unfiled.add(made, {1, 1}, 100);
    REQUIRE(unfiled.take());
    // Found now, on the log's thread, and added only once the portion is filed.
    const auto found = unfiled.find(Sequence{7});
    REQUIRE(found);
    unfiled.filed();
    Changes closed;
    Change change;
    change.state = state_of(Phase::accepted);
    closed.change(7, found->seed, found->state, change, 0, true);
    unfiled.add(closed, {2, 2}, 100);
    REQUIRE(unfiled.take());
    unfiled.filed();
    CHECK_FALSE(unfiled.find(Sequence{7}));
    CHECK_FALSE(unfiled.take_recent(7));
}

TEST_CASE("journal: what could not be taken over is asked for again, however far it came", "[journal][file]") {
    int asked = 0;
    int told = 0;
    ahead::Unfiled unfiled({}, 1'000, [&asked] { ++asked; });
    Changes made;
    made.insert(7, seed_of("r_7"), state_of(Phase::queued));
    unfiled.add(made, {1, 1}, 100);
    CHECK(asked == 0);
    const auto note = [&told](const Error* failure) { told += failure != nullptr ? 100 : 1; };
    unfiled.when_filed(note);
    REQUIRE(asked == 1);
    unfiled.failed(Error{"journal_unavailable", "the connection was lost before it was asked"});
    CHECK(told == 100);
    unfiled.when_filed(note);
    REQUIRE(asked == 2);
    REQUIRE(unfiled.take());
    unfiled.filed();
    CHECK(told == 101);
    CHECK_FALSE(unfiled.trouble());
}

TEST_CASE("journal: a commit as large as a frame may be is taken, and one byte more is not", "[journal][file]") {
    sqlite::Tuning tuning = small_log();
    tuning.log_frame_bytes_max = 5'000;
    Desk desk{Desk::Closed{}, tuning};
    desk.into = CommitInto::log;
    desk.open();
    RunSeed seed = seed_of("r_1");
    std::string records(ahead::frame_header_bytes, '\0');
    ahead::write_insert(records, 1, seed, {});
    seed.payload.assign(5'000 - records.size(), 'x');
    REQUIRE(desk.insert(seed));
    seed.id = "r_2";
    seed.payload += 'x';
    const auto refused = desk.insert(seed);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_unavailable");
    CHECK_THAT(refused.error().message, Catch::Contains("5001 bytes") && Catch::Contains("at most 5000"));
    seed.payload.pop_back();
    CHECK(desk.insert(seed)->sequence == 2);
}

TEST_CASE("journal: records that end too early or say nonsense are refused", "[journal][file]") {
    std::string records;
    RunSeed seed = seed_of("r_1");
    seed.replay = ReplayKey{"port", std::string(32, 'a'), 5, 9};
    RunState state = state_of(Phase::sending);
    state.open = OpenAttempt{1, 2, {"POST", "https://x.example", "A: b\r\n", "body"}};
    ahead::write_insert(records, 7, seed, state);
    const std::size_t first = records.size();
    Rejection rejection;
    rejection.pointers = {"/a", "/b"};
    ahead::write_rejections(records, {rejection});
    Changes changes;
    REQUIRE(ahead::replay(records, changes));
    CHECK(changes.runs().size() == 1);
    CHECK(changes.rejections().front().pointers == rejection.pointers);
    for (std::size_t bytes = 1; bytes < records.size(); ++bytes) {
        Changes some;
        CAPTURE(bytes);
        CHECK(ahead::replay(records.substr(0, bytes), some) == (bytes == first));
    }
    Changes none;
    CHECK_FALSE(ahead::replay(std::string(1, '\x7f'), none));
}

TEST_CASE("journal: the position of a log is read as it was written, and nothing else is", "[journal][file]") {
    const ahead::Position position{12, 3'405'691'582};
    CHECK(ahead::text_of(position) == "12 3405691582");
    CHECK(ahead::read_position("12 3405691582") == position);
    CHECK(ahead::read_position("") == ahead::Position{});
    for (const char* text : {"12", "12 ", " 12 1", "12 4294967296", "12 1x", "-1 1"})
        CHECK_FALSE(ahead::read_position(text));
}

}  // namespace signalbox::journal::test
