#pragma once

#include <memory>
#include <string>

#include "dispatch/transport.hpp"
#include "net/loop.hpp"
#include "signalbox/log.hpp"

namespace signalbox::net {

struct ClientOptions {
    std::string ca_file;  ///< beside the system's; empty: the system's only. For tests and private roots.
    LogSink* log = nullptr;  ///< outlives the client; told when files of TLS settings have changed
};

/// The transport over sockets: plain HTTP and HTTPS (TLS 1.2 and up, names verified strictly), keep-alive
/// connections pooled per scheme, host and port, names looked up on two threads of its own.
class Client final : public dispatch::Transport {
  public:
    Client(Loop& loop, ClientOptions options);
    ~Client() override;  ///< [loop thread, or after the loop has stopped] cancels what is under way

    dispatch::ExchangeId send(dispatch::WireRequest request, dispatch::ReplyDone done) override;
    void cancel(dispatch::ExchangeId exchange) override;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace signalbox::net
