#pragma once

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/StreamCopier.h>

#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

namespace signalbox::app::test {

struct Received {
    std::string line;  ///< `POST /v1/actions/deploy/runs`
    std::string body;
    std::string authorization;
    std::string idempotency_key;
    std::string content_type;
};

struct Scripted {
    int status = 200;
    std::string body;
};

/// Signalbox's API as a test wants it to answer. Remembers what it was asked.
class ServerDouble {
  public:
    using Script = std::function<Scripted(const Received&)>;

    explicit ServerDouble(Script script, Poco::Net::ServerSocket socket = Poco::Net::ServerSocket(
                                             Poco::Net::SocketAddress("127.0.0.1", 0)))
        : script_(std::move(script)),
          port_(socket.address().port()),
          server_(new Factory(*this), socket, new Poco::Net::HTTPServerParams) {
        server_.start();
    }
    ~ServerDouble() { server_.stopAll(true); }

    std::string url(const std::string& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }
    std::vector<Received> received() const {
        const std::lock_guard lock(mutex_);
        return received_;
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const Received& each : received())
            lines.push_back(each.line);
        return lines;
    }

  private:
    class Handler final : public Poco::Net::HTTPRequestHandler {
      public:
        explicit Handler(ServerDouble& owner) : owner_(owner) {}
        void handleRequest(Poco::Net::HTTPServerRequest& request,
                           Poco::Net::HTTPServerResponse& response) override {
            Received received{request.getMethod() + " " + request.getURI(), "",
                              request.get("Authorization", ""), request.get("Idempotency-Key", ""),
                              request.getContentType()};
            Poco::StreamCopier::copyToString(request.stream(), received.body);
            Scripted answer;
            {
                const std::lock_guard lock(owner_.mutex_);
                owner_.received_.push_back(received);
                answer = owner_.script_(received);
            }
            response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
            response.setContentType("application/json");
            response.sendBuffer(answer.body.data(), answer.body.size());
        }

      private:
        ServerDouble& owner_;
    };

    class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
      public:
        explicit Factory(ServerDouble& owner) : owner_(owner) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(
            const Poco::Net::HTTPServerRequest&) override {
            return new Handler(owner_);
        }

      private:
        ServerDouble& owner_;
    };

    Script script_;
    std::uint16_t port_;
    mutable std::mutex mutex_;
    std::vector<Received> received_;
    Poco::Net::HTTPServer server_;
};

}  // namespace signalbox::app::test
