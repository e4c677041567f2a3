#include "support/receiver.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>

namespace signalbox::test {

class Receiver::Handler final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit Handler(Receiver& receiver) : receiver_(receiver) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        Received received;
        received.method = request.getMethod();
        received.uri = request.getURI();
        for (const auto& [name, value] : request)
            received.headers[Poco::toLower(name)] = value;
        Poco::StreamCopier::copyToString(request.stream(), received.body);
        Reply reply;
        {
            const std::lock_guard lock(receiver_.mutex_);
            receiver_.received_.push_back(received);
            reply = receiver_.answer_(received);
        }
        response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
        for (const auto& [name, value] : reply.headers)
            response.set(name, value);
        response.sendBuffer(reply.body.data(), reply.body.size());
    }

  private:
    Receiver& receiver_;
};

class Receiver::Factory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit Factory(Receiver& receiver) : receiver_(receiver) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Handler(receiver_);
    }

  private:
    Receiver& receiver_;
};

Receiver::Receiver(Answer answer) : answer_(std::move(answer)) {
    Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    auto* parameters = new Poco::Net::HTTPServerParams;
    parameters->setKeepAlive(false);
    server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory(*this), socket, parameters);
    server_->start();
}

Receiver::~Receiver() {
    server_->stopAll(true);
}

std::string Receiver::url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
}

std::vector<Receiver::Received> Receiver::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

}  // namespace signalbox::test
