#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// Whether something of the journal works, told to the log when that changes. Any thread.
class Trouble {
  public:
    /// The events that are logged.
    struct Names {
        std::string_view failing;
        std::string_view works_again;
    };
    static constexpr Names of_commits{"journal_failing", "journal_works_again"};
    /// What a log before the file has cannot go into it; commits go on while the log has room.
    static constexpr Names of_filing{"journal_file_failing", "journal_file_works_again"};

    /// `log` must outlive it.
    explicit Trouble(LogSink& log, Names names = of_commits) : log_(log), names_(names) {}

    /// None while it works; else why it failed last.
    std::optional<Error> get() const;
    void set(const Error& error);
    void clear();

  private:
    void tell(const LogEvent& event) noexcept;

    LogSink& log_;
    const Names names_;
    mutable std::mutex mutex_;
    std::optional<Error> error_;
};

}  // namespace signalbox::journal::sqlite
