#pragma once

#include <Poco/Net/Context.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/background.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox::net {

/// A TLS context made from files, off the loop, and made anew once they have changed: so a renewed
/// certificate is used without a restart. It looks when somebody is about to use it and nobody has
/// looked for limits::tls_files_look_ms, so nothing wakes an idle process. Files that cannot be used
/// leave the context of before in its place, and say so in the log. [loop thread]
class FreshContext {
  public:
    struct Made {
        Poco::Net::Context::Ptr context;
        std::string problem;  ///< for people; empty: there is a context
    };
    using Make = std::function<Made()>;  ///< [background thread, or whoever calls look_now()]

    /// `background`, `clock` and `log` (which may be null) must outlive it.
    FreshContext(Background& background, const Clock& clock, LogSink* log,
                 std::vector<std::string> files, Make make);
    ~FreshContext();

    /// Makes it at once, files and all. [before the loop runs]
    void look_now();
    /// Begins to look, unless somebody has a short while ago.
    void prepare();
    /// Whether nobody is looking, and there is a context or a problem.
    bool ready() const;
    /// Runs `then` once it is ready; not if this is gone by then. Only while it is not.
    void when_ready(std::function<void()> then);

    /// Null if there never was a usable one.
    Poco::Net::Context::Ptr context() const;
    /// Why there is none; empty if there is one.
    const std::string& problem() const;
    /// Grows with each new context.
    std::uint64_t version() const;

  private:
    struct State;
    Background& background_;
    const Clock& clock_;
    const std::vector<std::string> files_;
    const Make make_;
    std::shared_ptr<State> state_;
};

}  // namespace signalbox::net
