#include "server_fixture.hpp"

#include <catch2/catch.hpp>
#include <utility>

namespace signalbox::net::test {

ServerFixture::ServerFixture(ServerOptions options, Loop::Fault told)
    : thread(std::move(told)) {
    answer = [](const Request& request, Respond respond) {
        Response response;
        response.body = request.target + "|" + request.body;
        respond(std::move(response));
    };
    server = std::make_unique<Server>(thread.loop, *this, std::move(options));
    thread.run([this] {
        const auto listening = server->listen();
        if (!listening) throw std::runtime_error(listening.error().message);
    });
}

ServerFixture::~ServerFixture() {
    thread.run([this] {
        held.clear();
        server.reset();
    });
}

void ServerFixture::handle(Request request, Respond respond) {
    requests.push_back(std::move(request));
    answer(requests.back(), std::move(respond));
}

BodyTerms ServerFixture::terms_of_body(const Request& head) {
    return judge_head ? judge_head(head) : BodyTerms{};
}

Response ServerFixture::refuse(int status, std::string_view code, std::string_view message) {
    Response response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain"}};
    response.body = std::string(code) + ": " + std::string(message);
    return response;
}

Peer ServerFixture::connect() {
    return Peer::to(server->port());
}

Peer ServerFixture::connect_and_wait(std::size_t connections) {
    Peer peer = connect();
    REQUIRE(eventually_connections(connections));
    return peer;
}

bool ServerFixture::eventually_connections(std::size_t count) {
    return thread.eventually([this, count] { return server->connections() == count; });
}

std::vector<std::string> ServerFixture::targets() {
    std::vector<std::string> result;
    thread.run([&] {
        for (const Request& request : requests)
            result.push_back(request.target);
    });
    return result;
}

std::string get(const std::string& target, const std::string& more) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

std::string post(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

int status_of(const std::string& reply) {
    return reply.starts_with("HTTP/1.1 ") ? std::stoi(reply.substr(9, 3)) : 0;
}

std::string body_of(const std::string& reply) {
    const std::size_t end = reply.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : reply.substr(end + 4);
}

}  // namespace signalbox::net::test
