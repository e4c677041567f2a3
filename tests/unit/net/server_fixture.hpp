#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/server.hpp"
#include "support.hpp"

namespace signalbox::net::test {

/// A server on a loop of its own. Every member but `server` is the loop's to touch.
class ServerFixture : public Handler {
  public:
    explicit ServerFixture(ServerOptions options = {}, Loop::Fault told = {});
    ~ServerFixture() override;

    void handle(Request request, Respond respond) override;
    BodyTerms terms_of_body(const Request& head) override;
    Response refuse(int status, std::string_view code, std::string_view message) override;

    Peer connect();
    /// Connects and waits until the server has accepted.
    Peer connect_and_wait(std::size_t connections);
    bool eventually_connections(std::size_t count);
    std::vector<std::string> targets();  ///< of the requests handled so far

    LoopThread thread;
    std::unique_ptr<Server> server;
    std::vector<Request> requests;
    std::vector<Respond> held;
    /// Of a head whose body is still to come; at first every body may.
    std::function<BodyTerms(const Request&)> judge_head;
    /// What is done with a request; at first an answer that echoes target and body.
    std::function<void(const Request&, Respond)> answer;
};

std::string get(const std::string& target = "/", const std::string& more = "");
std::string post(const std::string& target, const std::string& body);
/// The status of a reply, 0 if it is none.
int status_of(const std::string& reply);
std::string body_of(const std::string& reply);

}  // namespace signalbox::net::test
