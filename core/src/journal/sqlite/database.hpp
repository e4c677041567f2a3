#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace signalbox::journal::sqlite {

/// One connection to the journal's file. Used by one thread at a time. Every function that talks to
/// SQLite throws Failure.
class Database {
  public:
    /// Opens `file`, which is made if it is missing.
    explicit Database(const std::filesystem::path& file);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs one or more statements that answer nothing of interest.
    void execute(const std::string& sql);
    /// The first column of the first row that `sql` answers, or empty.
    std::string text_of(const std::string& sql);
    std::int64_t integer_of(const std::string& sql);

    bool in_transaction() const;
    /// Undoes an open transaction; for the way out of a Failure, so it does not throw.
    void roll_back() noexcept;
    std::int64_t last_insert_rowid() const;
    /// Rows that the last insert, update or delete touched.
    std::int64_t changes() const;

    /// From now on wal_bytes() is kept up to date by this connection's commits.
    void watch_wal();
    /// Size of what is in use of the write-ahead log, as of this connection's last commit.
    std::size_t wal_bytes() const;

    /// What a checkpoint came to: `complete` when the log was copied whole.
    enum class Checkpoint { complete, partial };
    enum class CheckpointMode { passive, restart, truncate };
    /// A blocked checkpoint is `partial`, not a Failure.
    Checkpoint checkpoint(CheckpointMode mode);

    const std::filesystem::path& file() const { return file_; }
    sqlite3* handle() const { return handle_.get(); }
    /// Throws the Failure of a call on this connection that answered `code`. `system_errno` is used
    /// where SQLite kept none.
    [[noreturn]] void fail(int code, int system_errno = 0) const;
    void check(int code) const;

  private:
    struct Closer {
        void operator()(sqlite3* handle) const;
    };

    std::filesystem::path file_;
    std::unique_ptr<sqlite3, Closer> handle_;
    std::size_t page_bytes_ = 0;
    int wal_pages_ = 0;
};

/// A prepared statement, kept for the life of its connection. Run it with a Query.
class Statement {
  public:
    Statement(Database& database, const std::string& sql);

  private:
    friend class Query;
    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const;
    };

    Database& database_;
    std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
    std::vector<bool> holds_;  ///< by parameter: it is bound to a value that is not NULL
};

/// One run of a Statement: values are bound from left to right, then rows are stepped through and
/// their columns read from left to right. At the end of its scope the statement is reset, so that
/// no snapshot of the file outlives it. One at a time for each Statement.
class Query {
  public:
    explicit Query(Statement& statement);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& integer(std::int64_t value);
    Query& real(double value);
    /// The bytes are not copied: they must stay as they are until the Query is gone.
    Query& text(std::string_view value);
    Query& blob(std::string_view value);
    Query& null();
    Query& zeros(std::size_t bytes);
    /// NULL for an empty value; it reads as empty again.
    Query& optional_text(std::string_view value) { return value.empty() ? null() : text(value); }
    Query& optional_blob(std::string_view value) { return value.empty() ? null() : blob(value); }

    /// True: a row is there to be read.
    bool step();
    /// For statements that answer no rows.
    void run();

    std::int64_t read_integer();
    double read_real();
    /// Text and blobs alike; a null reads as empty.
    std::string read_bytes();
    /// Whether the column that would be read next is null; reads nothing.
    bool next_is_null() const;
    void skip(int columns) { column_ += columns; }

  private:
    /// The number of the parameter that is bound next, to a value that is not NULL.
    int take_parameter();

    Database& database_;
    sqlite3_stmt* statement_;
    std::vector<bool>& holds_;
    int parameter_ = 0;
    int column_ = 0;
};

}  // namespace signalbox::journal::sqlite
