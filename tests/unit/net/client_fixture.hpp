#pragma once

#include <future>
#include <memory>
#include <string>

#include "net/client.hpp"
#include "support.hpp"

namespace signalbox::net::test {

/// A client on a loop of its own.
class ClientFixture {
  public:
    explicit ClientFixture(ClientOptions options = {});
    ~ClientFixture();

    /// Sends and returns at once.
    std::future<dispatch::WireReply> begin(dispatch::WireRequest request);
    /// Sends and waits for the reply.
    dispatch::WireReply send(dispatch::WireRequest request);

    LoopThread thread;
    std::unique_ptr<Client> client;
    dispatch::ExchangeId last_id = 0;
};

/// Waits for a reply; throws if none comes within a minute.
dispatch::WireReply wait_for(std::future<dispatch::WireReply>& reply);

/// A GET, once, with the loopback addresses allowed.
dispatch::WireRequest request_to(const std::string& url);
dispatch::WireRequest post_to(const std::string& url, const std::string& body);
std::string ok_with(const std::string& body);

}  // namespace signalbox::net::test
