#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "journal/journal.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox::runs {

/// What is kept of an action's runs that have ended.
struct RetentionRule {
    std::int64_t keep_ms = 0;  ///< since the end; 0: any age
    std::size_t runs = 0;      ///< the newest ones, ended or not; 0: any number
    bool keeps_all() const { return keep_ms == 0 && runs == 0; }
};

struct RetentionRules {
    RetentionRule otherwise;
    std::map<std::string, RetentionRule> actions;  ///< each in the place of `otherwise`
    bool keep_all() const;
};

/// Deletes what the rules do not keep, action by action, a small step of the journal's at a time. A
/// minute after the start, then ten minutes after the end of the sweep before. [loop thread]
class Retention {
  public:
    static constexpr std::int64_t first_ms = 60'000;
    static constexpr std::int64_t pause_ms = 600'000;

    /// All must outlive it and the executor's tasks.
    Retention(Executor& executor, const Clock& clock, journal::Journal& journal, LogSink& log,
              RetentionRules rules);

    /// Sets the timer; none where everything is kept. [loop thread, or before the loop runs]
    void start();
    /// Other rules from the next step on: a sweep that is under way begins anew by them. [loop thread]
    void replace(RetentionRules rules);
    /// No step begins after this.
    void stop();

  private:
    void sleep(std::int64_t duration_ms);
    void begin();
    void next_actions(const std::string& after);
    void next_action();
    void step();
    void swept(Result<journal::Swept> result);
    void end(const Error* error);
    const RetentionRule& rule_of(const std::string& action) const;
    std::int64_t now_ms() const;

    Executor& executor_;
    const Clock& clock_;
    journal::Journal& journal_;
    LogSink& log_;
    RetentionRules rules_;
    const std::int64_t started_wall_ms_;
    const std::int64_t started_steady_ms_;
    TimerId timer_ = 0;
    bool stopped_ = false;
    bool sweeping_ = false;
    bool replaced_ = false;  // while sweeping

    // Of the sweep under way.
    std::vector<std::string> actions_;  // of the page
    std::size_t action_ = 0;            // the one that is swept
    journal::SweepStep step_;
    std::size_t deleted_ = 0;
};

}  // namespace signalbox::runs
