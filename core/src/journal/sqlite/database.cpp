#include "journal/sqlite/database.hpp"

#include <sqlite3.h>

#include <cerrno>

#include "journal/sqlite/failure.hpp"

namespace signalbox::journal::sqlite {
namespace {

constexpr std::size_t wal_head_bytes = 32;
constexpr std::size_t wal_frame_head_bytes = 24;

/// Long enough for a backup program's read lock, short enough that callers are not kept for ever.
constexpr int busy_ms_max = 5'000;

/// A null pointer would be bound as NULL, and an empty string_view may have one.
const char* address_of(std::string_view bytes) {
    return bytes.empty() ? "" : bytes.data();
}

}  // namespace

void Database::Closer::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

Database::Database(const std::filesystem::path& file) : file_(file) {
    sqlite3* handle = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    check(code);
    check(sqlite3_busy_timeout(handle, busy_ms_max));
}

Database::~Database() = default;

void Database::fail(int code, int system_errno) const {
    if (!handle_) throw Failure(code, system_errno, sqlite3_errstr(code), file_);
    // The message and the errno belong to the last call on this connection; where that was another
    // one, the code's own text is the honest answer.
    const bool own = sqlite3_extended_errcode(handle_.get()) == code;
    if (own && sqlite3_system_errno(handle_.get()) != 0) {
        system_errno = sqlite3_system_errno(handle_.get());
    }
    throw Failure(code, system_errno, own ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code),
                  file_);
}

void Database::check(int code) const {
    if (code != SQLITE_OK) fail(code);
}

void Database::execute(const std::string& sql) {
    check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::string Database::text_of(const std::string& sql) {
    Statement statement(*this, sql);
    Query query(statement);
    return query.step() ? query.read_bytes() : std::string();
}

std::int64_t Database::integer_of(const std::string& sql) {
    Statement statement(*this, sql);
    Query query(statement);
    return query.step() ? query.read_integer() : 0;
}

bool Database::in_transaction() const {
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

void Database::roll_back() noexcept {
    if (in_transaction()) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Database::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(handle_.get());
}

void Database::watch_wal() {
    page_bytes_ = static_cast<std::size_t>(integer_of("PRAGMA page_size"));
    sqlite3_wal_hook(
        handle_.get(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Database*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

std::size_t Database::wal_bytes() const {
    return wal_head_bytes +
           static_cast<std::size_t>(wal_pages_) * (page_bytes_ + wal_frame_head_bytes);
}

Database::Checkpoint Database::checkpoint(CheckpointMode mode) {
    int sqlite_mode = SQLITE_CHECKPOINT_PASSIVE;
    if (mode == CheckpointMode::restart) sqlite_mode = SQLITE_CHECKPOINT_RESTART;
    if (mode == CheckpointMode::truncate) sqlite_mode = SQLITE_CHECKPOINT_TRUNCATE;
    int in_log = 0;
    int copied = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, sqlite_mode, &in_log, &copied);
    if ((code & 0xff) == SQLITE_BUSY) return Checkpoint::partial;
    check(code);
    return in_log == copied ? Checkpoint::complete : Checkpoint::partial;
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(Database& database, const std::string& sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(database.handle(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    statement_.reset(statement);
    database.check(code);
    holds_.resize(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) + 1);
}

Query::Query(Statement& statement)
    : database_(statement.database_),
      statement_(statement.statement_.get()),
      holds_(statement.holds_) {}

Query::~Query() {
    sqlite3_reset(statement_);
}

int Query::take_parameter() {
    const auto parameter = static_cast<std::size_t>(++parameter_);
    if (parameter < holds_.size()) holds_[parameter] = true;
    return parameter_;
}

Query& Query::integer(std::int64_t value) {
    database_.check(sqlite3_bind_int64(statement_, take_parameter(), value));
    return *this;
}

Query& Query::real(double value) {
    database_.check(sqlite3_bind_double(statement_, take_parameter(), value));
    return *this;
}

Query& Query::text(std::string_view value) {
    database_.check(sqlite3_bind_text64(statement_, take_parameter(), address_of(value), value.size(),
                                        SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

Query& Query::blob(std::string_view value) {
    database_.check(sqlite3_bind_blob64(statement_, take_parameter(), address_of(value), value.size(),
                                        SQLITE_STATIC));
    return *this;
}

Query& Query::null() {
    // A run's row has some thirty that were NULL the last time too.
    const auto parameter = static_cast<std::size_t>(++parameter_);
    if (parameter < holds_.size() && !holds_[parameter]) return *this;
    database_.check(sqlite3_bind_null(statement_, parameter_));
    holds_[parameter] = false;
    return *this;
}

Query& Query::zeros(std::size_t bytes) {
    database_.check(sqlite3_bind_zeroblob64(statement_, take_parameter(), bytes));
    return *this;
}

bool Query::step() {
    column_ = 0;
    // SQLite 3.40 does not keep the errno of a COMMIT that fails, and it is what tells a file-size
    // limit from a broken disk.
    errno = 0;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_.fail(code, (code & 0xff) == SQLITE_IOERR ? errno : 0);
    return false;
}

void Query::run() {
    while (step()) {
    }
}

std::int64_t Query::read_integer() {
    return sqlite3_column_int64(statement_, column_++);
}

double Query::read_real() {
    return sqlite3_column_double(statement_, column_++);
}

std::string Query::read_bytes() {
    // sqlite3_column_blob gives a text's bytes as they are stored and, unlike sqlite3_column_text,
    // does not end them with a NUL first.
    const int column = column_++;
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr
               ? std::string()
               : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Query::next_is_null() const {
    return sqlite3_column_type(statement_, column_) == SQLITE_NULL;
}

}  // namespace signalbox::journal::sqlite
