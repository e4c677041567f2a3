#pragma once

#include <mutex>
#include <optional>

#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// Whether commits work, told to the log when that changes. Any thread.
class Trouble {
  public:
    /// `log` must outlive it.
    explicit Trouble(LogSink& log) : log_(log) {}

    /// None while commits work; else why the last one failed.
    std::optional<Error> get() const;
    void set(const Error& error);
    void clear();

  private:
    LogSink& log_;
    mutable std::mutex mutex_;
    std::optional<Error> error_;
};

}  // namespace signalbox::journal::sqlite
