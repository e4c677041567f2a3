#pragma once

#include <exception>
#include <filesystem>
#include <string>

#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// A call into SQLite that did not do what it was asked. Thrown inside this folder only: the
/// writer's batch, a reader's answer and the opening each catch it at their edge and answer with
/// error().
class Failure final : public std::exception {
  public:
    /// `code` is SQLite's extended result code, `system_errno` the operating system's or 0, `text`
    /// what SQLite says of it.
    Failure(int code, int system_errno, std::string text, const std::filesystem::path& file);

    /// A file beside SQLite's that could not be opened, or not be written or synced.
    static Failure to_open(int system_errno, const std::filesystem::path& file);
    static Failure to_write(int system_errno, const std::filesystem::path& file);

    const char* what() const noexcept override { return text_.c_str(); }

    /// `journal_corrupt` or `journal_unavailable`, with the cause and what to do about it.
    const Error& error() const { return error_; }

    /// The connection may hold something broken: go on with a new one.
    bool damages_connection() const;

    /// The transaction may stand whole in the write-ahead log although its commit failed.
    bool may_have_committed() const;

  private:
    int code_;
    std::string text_;
    Error error_;
};

}  // namespace signalbox::journal::sqlite
