#include "journal/ahead/draft.hpp"

#include <variant>

#include "base/limits.hpp"
#include "journal/ahead/records.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/refusals.hpp"
#include "journal/sqlite/replay_keys.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::ahead {

using sqlite::RunName;

template <class Read>
auto Draft::read_file(Read read) {
    if (!file_) {
        file_ = std::make_unique<File>(path_);
        file_->database.execute("PRAGMA query_only = ON; PRAGMA cache_size = -1024;");
    }
    try {
        return read(*file_);
    } catch (const sqlite::Failure&) {
        file_.reset();
        throw;
    }
}

Draft::Draft(std::filesystem::path path, Unfiled& unfiled) : path_(std::move(path)), unfiled_(unfiled) {
    read_file([this](File& file) {
        newest_ = file.database.integer_of("SELECT max(sequence) FROM runs");
        largest_id_ = file.database.text_of("SELECT max(id) FROM runs");
    });
}

void Draft::begin() {
    newest_before_ = newest_;
    if (frame_.capacity() > 2 * limits::journal_batch_bytes_max) std::string().swap(frame_);
    frame_.assign(frame_header_bytes, '\0');
}

bool Draft::wrote() const {
    return frame_.size() > frame_header_bytes;
}

void Draft::accept(Position position) noexcept {
    unfiled_.add(batch_, position, frame_.size());
    messages_.accept();
    expired_.clear();
    for (; !kept_.empty(); kept_.pop_back())
        expiries_[kept_.back().first].push(kept_.back().second);
}

void Draft::forget() {
    batch_.clear();
    messages_.undo();
    kept_.clear();
    for (; !expired_.empty(); expired_.pop_back())
        expiries_[expired_.back().first].push(expired_.back().second);
    newest_ = newest_before_;
}

Result<Inserted> Draft::insert(const SharedSeed& seed, RunState state) {
    if (const auto holder = holder_of_key(*seed)) {
        Run run = load_whole(*holder);
        if (run.seed.idempotency_digest != seed->idempotency_digest)
            return sqlite::key_conflict_error(seed->idempotency_key);
        return Inserted{*holder, std::move(run)};
    }
    if (seed->replay) {
        if (auto refusal = refusal_of(*seed->replay, seed->created_ms)) return *std::move(refusal);
    }
    if (is_taken(seed->id)) return sqlite::exists_error(seed->id);
    if (seed->replay) keep_message(*seed->replay);
    const Sequence sequence = ++newest_;
    if (seed->id > largest_id_) largest_id_ = seed->id;
    write_insert(frame_, sequence, *seed, state);
    batch_.insert(sequence, seed, std::move(state));
    return Inserted{sequence, std::nullopt};
}

Result<Run> Draft::change(const RunName& name, const Decide& decide) {
    std::optional<Found> found = find(name);
    if (!found) return sqlite::not_found_error(name);
    Run& run = found->run;
    Change change = decide(run);
    const std::int64_t line = change.log ? log_lines(*found) + 1 : 0;
    if (auto refusal = sqlite::refusal_of(change, run.seed.id, line)) return *std::move(refusal);
    if (change.state || change.attempt || change.log) {
        const bool ends_first = sqlite::ends_first(run, change);
        write_change(frame_, run.sequence, change, line, ends_first);
        if (change.state) run.state = *change.state;
        batch_.change(run.sequence, found->seed, run.state, std::move(change), line, ends_first);
    }
    run.logged = line;
    return std::move(run);
}

void Draft::keep(const std::vector<Rejection>& rejections) {
    write_rejections(frame_, rejections);
    batch_.keep(rejections);
}

void Draft::told_upstream(const UpstreamRun& run) {
    // Put together, it would be told of a run that comes after it.
    if (run.sequence > newest_) return;
    ToldUpstream told{run, false};
    write_told(frame_, told);
    batch_.tell_upstream(std::move(told));
}

void Draft::forget_upstream(Sequence sequence) {
    if (sequence > newest_) return;
    ToldUpstream told{UpstreamRun{sequence, {}, 0}, true};
    write_told(frame_, told);
    batch_.tell_upstream(std::move(told));
}

std::optional<Draft::Found> Draft::find_here(const RunName& name) {
    const auto* sequence = std::get_if<Sequence>(&name);
    const ChangedRun* changed =
        sequence != nullptr ? batch_.find(*sequence) : batch_.find_new(std::get<std::string>(name));
    std::optional<UnfiledRun> unfiled;
    if (changed == nullptr || !changed->is_new)
        unfiled = unfiled_.find(changed != nullptr ? RunName(changed->sequence) : name);
    if (changed == nullptr && unfiled) changed = batch_.find(unfiled->sequence);
    if (changed == nullptr && !unfiled) return std::nullopt;
    Found found;
    found.run.sequence = changed != nullptr ? changed->sequence : unfiled->sequence;
    found.is_new = (changed != nullptr && changed->is_new) || (unfiled && unfiled->is_new);
    found.seed = unfiled ? unfiled->seed : changed->seed;
    found.run.seed = without_bodies(*found.seed);
    found.run.state = changed != nullptr ? changed->state : std::move(unfiled->state);
    if (unfiled) found.lines = unfiled->lines;
    if (changed != nullptr && !changed->lines.empty()) found.lines = changed->lines.back().number;
    return found;
}

// What is not here is in the file: a portion is found here until the file has it.
std::optional<Draft::Found> Draft::find(const RunName& name) {
    if (auto found = find_here(name)) return found;
    const auto* sequence = std::get_if<Sequence>(&name);
    if (sequence == nullptr) {
        // The file's row may be behind; its number tells which run it is.
        const auto filed = read_file([&](File& file) { return file.lookups.find(name); });
        return filed ? find(filed->sequence) : std::nullopt;
    }
    std::optional<Run> run = unfiled_.take_recent(*sequence);
    if (!run) run = read_file([&](File& file) { return file.lookups.find(name); });
    if (!run) return std::nullopt;
    Found found;
    found.run = *std::move(run);
    found.seed = SharedSeed(found.run.seed);
    return found;
}

std::optional<Sequence> Draft::holder_of_key(const RunSeed& seed) {
    if (seed.idempotency_key.empty()) return std::nullopt;
    if (const ChangedRun* run = batch_.find_new_by_key(seed)) return run->sequence;
    if (const auto run = unfiled_.find_by_key(seed)) return run->sequence;
    const auto holder = read_file([&](File& file) { return file.lookups.holder_of_key(seed); });
    return holder ? std::optional(holder->sequence) : std::nullopt;
}

Run Draft::load_whole(Sequence sequence) {
    const std::optional<Found> found = find_here(sequence);
    if (found && found->is_new) return Run{sequence, *found->seed, found->run.state};
    Run run = read_file([&](File& file) { return file.lookups.load_whole(sequence); });
    if (found) run.state = found->run.state;
    return run;
}

bool Draft::is_taken(const std::string& id) {
    // Ids grow as a rule, so nearly every one is known to be new.
    if (id > largest_id_) return false;
    return find(id).has_value();
}

std::int64_t Draft::log_lines(const Found& found) {
    if (found.lines != 0 || found.is_new) return found.lines;
    return read_file([&](File& file) { return file.lookups.log_lines(found.run.sequence); });
}

std::optional<Error> Draft::refusal_of(const ReplayKey& key, std::int64_t now_ms) {
    load_messages();
    drop_expired(key.source, now_ms);
    if (auto refusal = messages_.refusal_of(key, now_ms)) return refusal;
    if (messages_.is_full(key)) return sqlite::keys_full_error(key);
    return std::nullopt;
}

void Draft::keep_message(const ReplayKey& key) {
    messages_.keep(key);
    kept_.emplace_back(key.source, Expiry{key.expires_ms, sqlite::KnownMessages::message_of(key.digest)});
}

void Draft::load_messages() {
    if (has_messages_) return;
    messages_.clear();
    expiries_.clear();
    read_file([this](File& file) {
        sqlite::ReplayKeys(file.database)
            .read_all([this](const std::string& source, std::uint64_t message, std::int64_t expires_ms) {
                messages_.load(source, message, expires_ms);
                expiries_[source].push({expires_ms, message});
            });
    });
    has_messages_ = true;
}

void Draft::drop_expired(const std::string& source, std::int64_t now_ms) {
    Expiries& expiries = expiries_[source];
    while (!expiries.empty() && expiries.top().at_ms <= now_ms) {
        messages_.expire(source, expiries.top().message, expiries.top().at_ms);
        expired_.emplace_back(source, expiries.top());
        expiries.pop();
    }
}

}  // namespace signalbox::journal::ahead
