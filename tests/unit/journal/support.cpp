#include "support.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "fault_vfs.hpp"
#include "journal/sqlite_journal.hpp"

namespace signalbox::journal::test {

const CommitInto commits = std::getenv("SIGNALBOX_TEST_LOG") != nullptr ? CommitInto::log : CommitInto::file;

void Inbox::post(Task task) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(task));
    wake_.notify_one();
}

void Inbox::run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done()) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait_until(lock, deadline, [this] { return !waiting_.empty(); })) {
                throw std::runtime_error("the journal did not answer within a minute");
            }
            task = std::move(waiting_.front());
            waiting_.pop_front();
        }
        ++tasks_;
        task();
    }
}

void Inbox::run_posted() {
    std::deque<Task> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(waiting_);
    }
    for (const Task& task : tasks) {
        ++tasks_;
        task();
    }
}

void KeptLog::write(const LogEvent& event) {
    const std::lock_guard lock(mutex_);
    names_.emplace_back(event.name);
}

std::size_t KeptLog::count(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(names_.begin(), names_.end(), name));
}

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "signalbox-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

sqlite::Tuning small_log() {
    sqlite::Tuning tuning;
    tuning.log_segment_bytes = 32 * 1024;
    tuning.log_take_over_bytes = 8 * 1024;
    return tuning;
}

std::optional<Error> Desk::try_open() {
    tuning_.disk = faulty_calls();
    auto opened = SqliteJournal::open(folder.journal(), inbox, clock, random, log, tuning_,
                                              silent_metrics(), into);
    if (!opened) return opened.error();
    journal = *std::move(opened);
    return std::nullopt;
}

void Desk::open() {
    if (const auto error = try_open()) throw std::runtime_error(error->message);
}

void Desk::reopen() {
    journal.reset();
    open();
}

template <class Value, class Call>
Result<Value> Desk::answer_of(Call call) {
    std::optional<Result<Value>> answer;
    call([&](Result<Value> result) { answer.emplace(std::move(result)); });
    inbox.run_until([&] { return answer.has_value(); });
    return *std::move(answer);
}

Result<Inserted> Desk::insert(RunSeed seed, RunState state) {
    return answer_of<Inserted>([&](InsertDone done) {
        journal->insert(std::move(seed), std::move(state), std::move(done));
    });
}

Result<Run> Desk::change(Sequence sequence, Decide decide) {
    return answer_of<Run>(
        [&](ChangeDone done) { journal->change(sequence, std::move(decide), std::move(done)); });
}

Result<Run> Desk::change(const std::string& id, Decide decide) {
    return answer_of<Run>(
        [&](ChangeDone done) { journal->change(id, std::move(decide), std::move(done)); });
}

Result<RunWithAttempts> Desk::find(const std::string& id) {
    return answer_of<RunWithAttempts>([&](auto done) { journal->find(id, std::move(done)); });
}

Result<std::vector<Run>> Desk::load(std::vector<Sequence> sequences) {
    return answer_of<std::vector<Run>>(
        [&](auto done) { journal->load(std::move(sequences), std::move(done)); });
}

Result<RunPage> Desk::list(RunFilter filter) {
    return answer_of<RunPage>(
        [&](auto done) { journal->list(std::move(filter), std::move(done)); });
}

Result<std::vector<LogLine>> Desk::logs(const std::string& id, std::int64_t after,
                                        std::size_t limit) {
    return answer_of<std::vector<LogLine>>(
        [&](auto done) { journal->logs(id, after, limit, std::move(done)); });
}

std::vector<LiveRun> Desk::recover() {
    std::vector<LiveRun> runs;
    const auto done = journal->recover([&](const LiveRun& run) { runs.push_back(run); });
    if (!done) throw std::runtime_error(done.error().message);
    return runs;
}

Result<std::vector<std::string>> Desk::actions(std::string after) {
    return answer_of<std::vector<std::string>>(
        [&](auto done) { journal->actions(std::move(after), std::move(done)); });
}

Result<Sequence> Desk::older_than_newest(std::string action, std::size_t newer) {
    return answer_of<Sequence>(
        [&](auto done) { journal->older_than_newest(std::move(action), newer, std::move(done)); });
}

Result<Swept> Desk::sweep(SweepStep step) {
    return answer_of<Swept>([&](auto done) { journal->sweep(std::move(step), std::move(done)); });
}

Result<Backup> Desk::backup(std::string name) {
    return answer_of<Backup>([&](auto done) { journal->backup(std::move(name), std::move(done)); });
}

Result<Done> Desk::keep_rejections(std::vector<Rejection> rejections) {
    return answer_of<Done>(
        [&](auto done) { journal->keep_rejections(std::move(rejections), std::move(done)); });
}

Result<RejectionPage> Desk::rejections(std::int64_t before, std::size_t limit) {
    return answer_of<RejectionPage>(
        [&](auto done) { journal->rejections(before, limit, std::move(done)); });
}

Result<Done> Desk::tell_upstream(UpstreamRun run, bool ended) {
    return answer_of<Done>([&](auto done) {
        if (ended) return journal->forget_upstream(run.sequence, std::move(done));
        journal->told_upstream(std::move(run), std::move(done));
    });
}

Result<std::vector<UpstreamRun>> Desk::upstream() {
    return answer_of<std::vector<UpstreamRun>>(
        [&](auto done) { journal->upstream(0, std::move(done)); });
}

void copy_as_after_a_kill(const Desk& from, const Desk& to) {
    std::filesystem::create_directories(to.folder.journal());
    for (const char* part : {"", "-wal", "-log0", "-log1"}) {
        const std::string file = from.folder.file().string() + part;
        if (std::filesystem::exists(file))
            std::filesystem::copy_file(file, to.folder.file().string() + part,
                                       std::filesystem::copy_options::overwrite_existing);
    }
}

Hold::Hold(Desk& desk) {
    const auto held = desk.insert(seed_of("r_hold"));
    auto entered = std::make_shared<std::promise<void>>();
    auto standing = entered->get_future();
    auto gate = std::make_shared<std::future<void>>(gate_.get_future());
    desk.journal->change(
        held.value().sequence,
        [entered, gate](const Run&) {
            entered->set_value();
            gate->wait();
            return Change{};
        },
        nullptr);
    desk.inbox.run_posted();
    standing.wait();
}

void Hold::release() {
    if (!released_) gate_.set_value();
    released_ = true;
}

std::int64_t ask_sql(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::int64_t answer = 0;
    if (sqlite3_step(statement) == SQLITE_ROW) answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return answer;
}

void run_sql(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
    const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(handle);
    REQUIRE(code == SQLITE_OK);
}

void damage_leaf(const std::filesystem::path& file, const std::string& table, int skipped) {
    const std::int64_t page =
        ask_sql(file, "SELECT pageno FROM dbstat WHERE name = '" + table +
                          "' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET " +
                          std::to_string(skipped));
    REQUIRE(page > 1);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp((page - 1) * 16384);
    const std::string rubbish(16384, '\xaa');
    stream.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
    REQUIRE(stream.good());
}

RunSeed seed_of(const std::string& id, const std::string& action) {
    RunSeed seed;
    seed.id = id;
    seed.action = action;
    seed.connection = "contoso";
    seed.invocation_type = "AZURE_DEVOPS";
    seed.origin = "API";
    seed.created_ms = 1'700'000'000'123;
    return seed;
}

RunState state_of(Phase phase, const std::string& result) {
    RunState state;
    state.phase = phase;
    state.result = result;
    return state;
}

Decide to_phase(Phase phase, const std::string& result) {
    return [=](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->phase = phase;
        change.state->result = result;
        return change;
    };
}

std::vector<std::string> ids_of(const std::vector<Run>& runs) {
    std::vector<std::string> ids;
    for (const Run& run : runs)
        ids.push_back(run.seed.id);
    return ids;
}

}  // namespace signalbox::journal::test
