#include "server.hpp"

#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include "handler.hpp"

namespace azure_standin {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr int kThreadsMin = 8;
constexpr int kThreadsMax = 256;
constexpr int kQueuedConnectionsMax = 1024;
// Longer than a test may take: a silent connection that held up the program's end would show.
constexpr int kSocketTimeoutS = 300;

class HandlerFactory : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    HandlerFactory(Context& context, std::shared_ptr<Recording> recording)
        : context_(context), recording_(std::move(recording)) {}

    Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new_handler(context_, recording_);
    }

  private:
    Context& context_;
    std::shared_ptr<Recording> recording_;
};

// Ends without a word; for a connection that could not be set up.
class ClosedConnection : public Poco::Net::TCPServerConnection {
  public:
    using TCPServerConnection::TCPServerConnection;
    void run() override {}
};

class ConnectionFactory : public Poco::Net::TCPServerConnectionFactory {
  public:
    explicit ConnectionFactory(Context context) : context_(std::move(context)) {
        parameters_->setKeepAlive(false);
        parameters_->setTimeout(Poco::Timespan(kSocketTimeoutS, 0));
    }

    Poco::Net::TCPServerConnection* createConnection(
        const Poco::Net::StreamSocket& socket) override {
        // An exception out of here costs Poco's dispatcher a thread for good.
        try {
            auto recording = std::make_shared<Recording>();
            return new Poco::Net::HTTPServerConnection(record(socket, recording, context_.stop),
                                                       parameters_,
                                                       new HandlerFactory(context_, recording));
        } catch (const std::exception& error) {
            context_.console.line(std::string("a connection was refused: ") + error.what());
            return new ClosedConnection(socket);
        }
    }

  private:
    Context context_;
    Poco::Net::HTTPServerParams::Ptr parameters_ = new Poco::Net::HTTPServerParams;
};

Poco::Net::TCPServerParams::Ptr pool_parameters() {
    Poco::Net::TCPServerParams::Ptr parameters = new Poco::Net::TCPServerParams;
    parameters->setMaxThreads(kThreadsMax);
    parameters->setMaxQueued(kQueuedConnectionsMax);
    return parameters;
}

}  // namespace

Server::Server(ServerOptions options, WebhookReceiver& receiver, Ledger& ledger, Runs& runs,
               Console& console, const StopSignal& stop)
    : threads_(kThreadsMin, kThreadsMax + 1),
      socket_(Poco::Net::SocketAddress(options.listen), kQueuedConnectionsMax),
      server_(new ConnectionFactory(Context{options, receiver, ledger, runs, console, stop}),
              threads_, socket_, pool_parameters()) {}

std::string Server::url() const {
    return "http://" + socket_.address().toString();
}

void Server::start() {
    server_.start();
}

void Server::stop() {
    server_.stop();
    threads_.joinAll();
}

}  // namespace azure_standin
