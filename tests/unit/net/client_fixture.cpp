#include "client_fixture.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace signalbox::net::test {

using dispatch::WireReply;
using dispatch::WireRequest;

ClientFixture::ClientFixture(ClientOptions options) {
    thread.run([&] { client = std::make_unique<Client>(thread.loop, std::move(options)); });
}

ClientFixture::~ClientFixture() {
    thread.run([this] { client.reset(); });
}

std::future<WireReply> ClientFixture::begin(WireRequest request) {
    auto promise = std::make_shared<std::promise<WireReply>>();
    auto future = promise->get_future();
    thread.run([&] {
        last_id = client->send(std::move(request), [promise](WireReply reply) {
            promise->set_value(std::move(reply));
        });
    });
    return future;
}

WireReply ClientFixture::send(WireRequest request) {
    auto reply = begin(std::move(request));
    return wait_for(reply);
}

WireReply wait_for(std::future<WireReply>& reply) {
    if (reply.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
        throw std::runtime_error("no reply came");
    }
    return reply.get();
}

WireRequest request_to(const std::string& url) {
    WireRequest request;
    request.method = "GET";
    request.url = url;
    request.egress_allow = {"127.0.0.0/8", "::1"};
    return request;
}

WireRequest post_to(const std::string& url, const std::string& body) {
    WireRequest request = request_to(url);
    request.method = "POST";
    request.body = body;
    return request;
}

std::string ok_with(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace signalbox::net::test
