#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signalbox/plugin/v1.h"
#include "signalbox/result.hpp"

namespace signalbox::plugins {

/// What a plugin says through a writer during one call: its problems, and the first rule it broke.
/// The callbacks copy at once, check everything, and let nothing be thrown back into the plugin.
class Collector {
  public:
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// What goes wrong with a call that answered `answer`; none: it is to be used. Error
    /// `refused_code` with the plugin's reasons where it may refuse (nullptr: it may not), else
    /// `plugin_broken`.
    std::optional<Error> conclude(signalbox_answer answer, const std::string& plugin,
                                  const char* call, const char* refused_code) const;

    /// Names a breach of the contract; only the first is kept.
    void breach(std::string what) noexcept;

    /// Their texts, for a caller that has no better place for them.
    const std::vector<Detail>& problems() const { return problems_; }

    /// What was said but dropped, for the log.
    const std::vector<std::string>& ignored() const { return ignored_; }

  protected:
    Collector() = default;
    ~Collector() = default;

    static void on_problem(void* context, signalbox_text pointer, signalbox_text message) noexcept;

    /// Runs a callback's body: what it throws (memory is all that can fail) becomes a breach.
    template <class Body>
    void shielded(Body&& body) noexcept {
        try {
            body();
        } catch (...) {
            breach("what it wrote did not fit into memory");
        }
    }

    /// A text from the plugin; none, and a breach, where it has a size but no place.
    std::optional<std::string_view> read(signalbox_text text, const char* what) noexcept;

    /// True the first time; a breach after that.
    bool once(bool& said, const char* what) noexcept;

    void ignore(std::string what) { ignored_.push_back(std::move(what)); }

  private:
    Error broken(const std::string& plugin, const char* call, const std::string& how) const;
    std::string first_problem() const;

    std::vector<Detail> problems_;
    std::vector<std::string> ignored_;
    std::string breach_;
    bool breached_ = false;
};

/// For connect(), which only has problems to tell.
class ProblemCollector : public Collector {
  public:
    signalbox_problem_writer writer() noexcept {
        return {sizeof(signalbox_problem_writer), 0, static_cast<Collector*>(this), &on_problem};
    }
};

}  // namespace signalbox::plugins
