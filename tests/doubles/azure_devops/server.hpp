#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>

#include <string>

#include "console.hpp"
#include "ledger.hpp"
#include "runs.hpp"
#include "stop_signal.hpp"
#include "webhook.hpp"

namespace azure_standin {

struct ServerOptions {
    std::string listen;      ///< host:port; port 0 takes a free one
    int reply_delay_ms = 0;  ///< before every answer to a webhook
    bool pipeline_before_reply = false;
    bool verbose = false;
};

/// Poco's HTTP server around a WebhookReceiver, with one request a connection: an idle or unread
/// connection then neither takes a thread for long nor passes its rest off as the next request.
class Server {
  public:
    /// Binds. The references must outlive the server. Throws Poco::Exception when it cannot.
    Server(ServerOptions options, WebhookReceiver& receiver, Ledger& ledger, Runs& runs,
           Console& console, const StopSignal& stop);

    std::string url() const;
    void start();

    /// Waits for the replies under way; `stop` must have been raised.
    void stop();

  private:
    Poco::ThreadPool threads_;
    Poco::Net::ServerSocket socket_;
    Poco::Net::TCPServer server_;
};

}  // namespace azure_standin
