#pragma once

#include <Poco/Net/HTTPRequestHandler.h>

#include <memory>

#include "console.hpp"
#include "ledger.hpp"
#include "recorded_socket.hpp"
#include "runs.hpp"
#include "server.hpp"
#include "stop_signal.hpp"
#include "webhook.hpp"

namespace azure_standin {

/// What every request needs; the references outlive all handlers.
struct Context {
    ServerOptions options;
    WebhookReceiver& receiver;
    Ledger& ledger;
    Runs& runs;
    Console& console;
    const StopSignal& stop;
};

/// A handler for the one request of a connection. `recording` holds what the connection received.
Poco::Net::HTTPRequestHandler* new_handler(Context& context, std::shared_ptr<Recording> recording);

}  // namespace azure_standin
