#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/Session.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/background.hpp"

namespace signalbox::net {

/// What the TLS connections of one client share: the rules (TLS 1.2 and up, certificates verified
/// against the system's roots and those of `ca_file`) and the sessions that make the next handshake
/// cheap. [loop thread]
class Tls {
  public:
    /// `background`, which must outlive it, is where the roots are read: that takes about 100 ms,
    /// so it is done when the first one asks, and not on the loop.
    Tls(Background& background, std::string ca_file);
    ~Tls();

    /// Begins to read the roots, if nobody has asked before.
    void prepare();
    /// Whether it is decided that there is a context, or a problem.
    bool ready() const;
    /// Runs `then` once it is ready; not if the Tls is gone by then. Only while it is not.
    void when_ready(std::function<void()> then);

    /// Null if there is a problem.
    Poco::Net::Context::Ptr context() const;
    /// Why no TLS connection can be made; empty if they can.
    const std::string& problem() const;

    /// The session of the last connection to that origin, or null.
    Poco::Net::Session::Ptr session(const std::string& origin) const;
    void keep_session(const std::string& origin, Poco::Net::Session::Ptr session);

    /// Why the last verification on this thread failed; empty if none has since the last call.
    static std::string take_verify_problem();

  private:
    struct State;
    Background& background_;
    const std::string ca_file_;
    std::shared_ptr<State> state_;
    std::unordered_map<std::string, Poco::Net::Session::Ptr> sessions_;
};

}  // namespace signalbox::net
