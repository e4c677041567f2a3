#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/Session.h>

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "dispatch/transport.hpp"
#include "net/fresh_context.hpp"

namespace signalbox::net {

/// What the TLS connections of one client under one set of settings share: the rules and the
/// sessions that make the next handshake cheap. [loop thread]
class Tls {
  public:
    /// `background`, which must outlive it as `clock` and `log` must, is where the roots are read:
    /// that takes about 100 ms, so it is done when the first one asks, and not on the loop.
    Tls(Background& background, const Clock& clock, LogSink* log,
        const dispatch::TlsSettings& settings, const std::string& more_authorities_file);

    /// Begins to read what has to be read before a handshake.
    void prepare() { context_.prepare(); }
    bool ready() const { return context_.ready(); }
    /// Runs `then` once it is ready; not if the Tls is gone by then. Only while it is not.
    void when_ready(std::function<void()> then) { context_.when_ready(std::move(then)); }

    /// Null if there is a problem.
    Poco::Net::Context::Ptr context() const { return context_.context(); }
    /// Why no TLS connection can be made; empty if they can.
    const std::string& problem() const { return context_.problem(); }

    /// The session of the last connection to that origin, or null.
    Poco::Net::Session::Ptr session(const std::string& origin) const;
    void keep_session(const std::string& origin, Poco::Net::Session::Ptr session);

  private:
    FreshContext context_;
    std::unordered_map<std::string, Poco::Net::Session::Ptr> sessions_;
    std::uint64_t sessions_version_ = 0;  // of the context they were made under
};

}  // namespace signalbox::net
