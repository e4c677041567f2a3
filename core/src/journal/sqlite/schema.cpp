#include "journal/sqlite/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "journal/sqlite/failure.hpp"

namespace signalbox::journal::sqlite {
namespace {

/// "SBJ1": tells our file from any other SQLite database.
constexpr std::int64_t application_id = 0x53424a31;

constexpr std::size_t token_key_bytes = 32;

// Version 1. A change rewrites its row in `runs`, so what is large and never changes stands in
// `bodies`. The open attempt stands in its run's row: opening it with the insert, or closing it,
// costs no row more. What is mostly empty is NULL when it is, because binding and reading an empty
// text costs as much as a full one. Retention never deletes the newest row of `runs`, so
// SQLite's "largest plus one" never gives a number twice. `runs_unsettled` leaves out what nearly
// all runs become, so it stays as small as what people look for by phase; queries must repeat its
// WHERE to be allowed to use it. An attempt's key is its run's sequence and its number in one
// integer (rows.hpp): such a table is appended to without rearranging pages.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    action TEXT NOT NULL,
    connection TEXT NOT NULL,
    invocation_type TEXT NOT NULL,
    client TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    idempotency_key TEXT,
    idempotency_digest BLOB,
    phase INTEGER NOT NULL,
    result TEXT,
    effect_possible INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status_label TEXT,
    link TEXT,
    summary TEXT,
    external_run_id TEXT,
    reason TEXT,
    plugin_state BLOB,
    plugin_state_version INTEGER NOT NULL,
    open_number INTEGER,
    open_started_ms INTEGER,
    open_method TEXT,
    open_url TEXT,
    open_head TEXT,
    open_body BLOB
);
CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE INDEX runs_by_action ON runs (action);
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (client, action, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_unsettled ON runs (phase) WHERE phase <> 8 OR result IS NOT 'SUCCESS';
CREATE TABLE bodies (
    sequence INTEGER PRIMARY KEY,
    properties TEXT NOT NULL,
    entity TEXT,
    method TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE attempts (
    key INTEGER PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    dns_ms REAL NOT NULL,
    connect_ms REAL NOT NULL,
    tls_ms REAL NOT NULL,
    send_ms REAL NOT NULL,
    wait_ms REAL NOT NULL,
    read_ms REAL NOT NULL,
    response_status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    next_ms INTEGER NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    head TEXT NOT NULL,
    body BLOB
);
CREATE TABLE logs (
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    message TEXT NOT NULL,
    status_label TEXT NOT NULL,
    termination_status TEXT NOT NULL,
    PRIMARY KEY (sequence, number)
) WITHOUT ROWID;
)sql";

// The held runs that others wait behind are looked up at each start.
constexpr const char* ordered_and_timed = R"sql(
ALTER TABLE runs ADD COLUMN order_key TEXT;
ALTER TABLE runs ADD COLUMN deadline_ms INTEGER NOT NULL DEFAULT 0;
)sql";

// Why a run is where it is, and why an invocation made none. `trace` is NULL where no trace came with the
// invocation: then it follows from the run's id. The newest row of `rejections` is never deleted, so that
// SQLite's "largest plus one" never gives a number twice.
constexpr const char* explained = R"sql(
ALTER TABLE runs ADD COLUMN trace BLOB;
ALTER TABLE attempts ADD COLUMN address TEXT;
ALTER TABLE attempts ADD COLUMN tls_version TEXT;
CREATE TABLE rejections (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    client TEXT,
    origin TEXT NOT NULL,
    action TEXT,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    pointers TEXT,
    run_id TEXT
);
)sql";

// Runs are looked up by what a target calls them, by whom they are for and by their entity; few have any.
constexpr const char* approved_and_attributed = R"sql(
ALTER TABLE runs ADD COLUMN user TEXT;
ALTER TABLE runs ADD COLUMN entity_id TEXT;
ALTER TABLE runs ADD COLUMN approval TEXT;
UPDATE runs SET entity_id = (
    SELECT CASE json_type(entity) WHEN 'object' THEN json_extract(entity, '$.identifier')
                                  WHEN 'text' THEN json_extract(entity, '$') END
    FROM bodies WHERE bodies.sequence = runs.sequence)
WHERE sequence IN (SELECT sequence FROM bodies WHERE entity IS NOT NULL);
CREATE INDEX runs_by_external_run_id ON runs (external_run_id) WHERE external_run_id IS NOT NULL;
CREATE INDEX runs_by_user ON runs (user) WHERE user IS NOT NULL;
CREATE INDEX runs_by_entity ON runs (entity_id) WHERE entity_id IS NOT NULL;
)sql";

// What came from outside. `replay_keys` has one row a message that was taken and may still be sent again;
// `upstream` one a run whose reports are not all delivered.
constexpr const char* sources_and_claims = R"sql(
ALTER TABLE runs ADD COLUMN upstream_id TEXT;
ALTER TABLE runs ADD COLUMN claimed_ms INTEGER NOT NULL DEFAULT 0;
CREATE TABLE replay_keys (
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (source, digest)
) WITHOUT ROWID;
CREATE INDEX replay_keys_by_expiry ON replay_keys (expires_ms);
CREATE TABLE upstream (
    sequence INTEGER PRIMARY KEY,
    told BLOB,
    log_number INTEGER NOT NULL
);
)sql";

// From here on `bodies.properties` may say where in the payload the inputs stand (bind_bodies). The tables
// are as they were; the version keeps a program that does not know it from showing that to people.
constexpr const char* inputs_once = "";

// The first attempt, which is nearly always the only one, stays in its run's row when it has ended (rows.hpp).
constexpr const char* first_attempt_in_its_row = R"sql(
ALTER TABLE runs ADD COLUMN first_room BLOB;
ALTER TABLE runs ADD COLUMN first_started_ms INTEGER;
ALTER TABLE runs ADD COLUMN first_ended_ms INTEGER;
ALTER TABLE runs ADD COLUMN first_dns_ms REAL;
ALTER TABLE runs ADD COLUMN first_connect_ms REAL;
ALTER TABLE runs ADD COLUMN first_tls_ms REAL;
ALTER TABLE runs ADD COLUMN first_send_ms REAL;
ALTER TABLE runs ADD COLUMN first_wait_ms REAL;
ALTER TABLE runs ADD COLUMN first_read_ms REAL;
ALTER TABLE runs ADD COLUMN first_response_status INTEGER;
ALTER TABLE runs ADD COLUMN first_outcome TEXT;
ALTER TABLE runs ADD COLUMN first_reason TEXT;
ALTER TABLE runs ADD COLUMN first_next_ms INTEGER;
ALTER TABLE runs ADD COLUMN first_address TEXT;
ALTER TABLE runs ADD COLUMN first_tls_version TEXT;
ALTER TABLE runs ADD COLUMN first_method TEXT;
ALTER TABLE runs ADD COLUMN first_url TEXT;
ALTER TABLE runs ADD COLUMN first_head TEXT;
ALTER TABLE runs ADD COLUMN first_body BLOB;
)sql";

// What a target said in reply, of runs whose target is asked; the run's log has all of it.
constexpr const char* answered = R"sql(
ALTER TABLE runs ADD COLUMN response TEXT;
)sql";

// Random digests in order were a page to write for each message; they are looked up in memory (replay_keys.hpp).
constexpr const char* messages_as_they_came = R"sql(
ALTER TABLE replay_keys RENAME TO replay_keys_by_digest;
DROP INDEX replay_keys_by_expiry;
CREATE TABLE replay_keys (
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_ms INTEGER NOT NULL
);
INSERT INTO replay_keys (source, digest, expires_ms)
    SELECT source, digest, expires_ms FROM replay_keys_by_digest ORDER BY expires_ms;
DROP TABLE replay_keys_by_digest;
CREATE INDEX replay_keys_by_expiry ON replay_keys (expires_ms);
)sql";

// From here on commits may be in a log beside the file (journal/ahead/), which a program that does not know it
// would leave out. `meta` says how far the file has it.
constexpr const char* log_before_the_file = "";

constexpr std::array all_migrations = {
    Migration{version_1},          Migration{ordered_and_timed},
    Migration{explained},          Migration{approved_and_attributed},
    Migration{sources_and_claims}, Migration{inputs_once},
    Migration{first_attempt_in_its_row}, Migration{answered}, Migration{messages_as_they_came},
    Migration{log_before_the_file}};

Error corrupt(const std::filesystem::path& file, const std::string& found) {
    return Error{"journal_corrupt", "The journal " + file.string() + " " + found +
                                        ". Stop Signalbox, keep a copy of the directory and put a "
                                        "backup in its place."};
}

/// Is it empty, or ours? A file of another program is left as it is.
Result<Done> check_identity(Database& database) {
    const std::int64_t found = database.integer_of("PRAGMA application_id");
    if (found == application_id) return Done{};
    const bool empty = database.integer_of("SELECT count(*) FROM sqlite_master") == 0 &&
                       database.integer_of("PRAGMA user_version") == 0;
    if (empty && found == 0) return Done{};
    return corrupt(database.file(), "is an SQLite database of another program");
}

/// Checking the whole of a large file takes minutes. The small table is read in full, and the ends
/// of each large one are looked up; damage elsewhere is reported when it is met.
Result<Done> check_structure(Database& database) {
    const std::string verdict = database.text_of("PRAGMA quick_check('meta')");
    if (verdict != "ok") return corrupt(database.file(), "is damaged (" + verdict + ")");
    // One end a query: SQLite walks the whole table for two of them at once.
    for (const char* end :
         {"min(sequence) FROM runs", "max(sequence) FROM runs", "min(sequence) FROM bodies",
          "max(sequence) FROM bodies", "min(key) FROM attempts", "max(key) FROM attempts",
          "min(sequence) FROM logs", "max(sequence) FROM logs"}) {
        database.integer_of(std::string("SELECT ") + end);
    }
    return Done{};
}

std::string token_key_of(Database& database, const Clock& clock, Random& random) {
    std::string key = database.text_of("SELECT value FROM meta WHERE name = 'token_key'");
    if (key.size() == token_key_bytes) return key;
    key.resize(token_key_bytes);
    random.fill(reinterpret_cast<std::uint8_t*>(key.data()), key.size());
    database.execute("BEGIN IMMEDIATE");
    Statement put(database, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
    Query(put).text("token_key").blob(key).run();
    Query(put).text("created_ms").integer(clock.wall_ms()).run();
    database.execute("COMMIT");
    return key;
}

Result<std::string> prepare_open(const std::filesystem::path& file, const Clock& clock,
                                 Random& random) {
    Database database(file);
    // The page size can be chosen only before the first page is written.
    database.execute("PRAGMA page_size = 16384");
    if (auto ours = check_identity(database); !ours) return ours.error();
    if (database.text_of("PRAGMA journal_mode = WAL") != "wal") {
        return Error{
            "journal_unavailable",
            "The journal " + file.string() +
                " cannot use a write-ahead log: its file system has no shared memory maps. "
                "Put the journal's directory on a local disk."};
    }
    database.execute("PRAGMA synchronous = FULL");
    if (auto current = migrate(database, migrations()); !current) return current.error();
    if (auto whole = check_structure(database); !whole) return whole.error();
    return token_key_of(database, clock, random);
}

}  // namespace

std::span<const Migration> migrations() {
    return all_migrations;
}

Result<Done> migrate(Database& database, std::span<const Migration> steps) {
    const std::int64_t found = database.integer_of("PRAGMA user_version");
    const auto known = static_cast<std::int64_t>(steps.size());
    if (found < 0)
        return corrupt(database.file(), "says it is of version " + std::to_string(found));
    if (found > known) {
        return Error{
            "journal_version",
            "The journal " + database.file().string() + " is of version " + std::to_string(found) +
                ", made by a newer Signalbox; this one knows versions "
                "up to " +
                std::to_string(known) + ". Run the newer Signalbox, or name another directory."};
    }
    for (std::int64_t version = found; version < known; ++version) {
        database.execute("BEGIN IMMEDIATE");
        database.execute(steps[static_cast<std::size_t>(version)].sql);
        database.execute("PRAGMA application_id = " + std::to_string(application_id));
        database.execute("PRAGMA user_version = " + std::to_string(version + 1));
        database.execute("COMMIT");
    }
    return Done{};
}

std::unique_ptr<Database> connect(const std::filesystem::path& file, Role role) {
    auto database = std::make_unique<Database>(file);
    database->execute(
        "PRAGMA synchronous = FULL;"
        "PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA cell_size_check = ON;");
    switch (role) {
        case Role::writer:
            // Debian builds SQLite to overwrite what it deletes. Nothing here is secret once it is
            // deleted, and each change of a row would pay for it.
            // Rows are added at the ends of their tables, so few pages are looked at again.
            database->execute("PRAGMA secure_delete = OFF; PRAGMA cache_size = -2048;");
            database->watch_wal();
            break;
        case Role::reader:
            database->execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192;");
            break;
        case Role::checkpointer:
            // While a restart waits for readers, so does the writer. Ours are gone in a moment; one
            // that is not, such as a forgotten shell, may hold up a commit now and then, but not
            // for long.
            database->execute("PRAGMA busy_timeout = 200");
            break;
    }
    return database;
}

Result<std::string> prepare(const std::filesystem::path& file, const Clock& clock, Random& random) {
    try {
        return prepare_open(file, clock, random);
    } catch (const Failure& failure) {
        return failure.error();
    }
}

}  // namespace signalbox::journal::sqlite
