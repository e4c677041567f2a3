#pragma once

#include <Poco/Net/HTTPServer.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/// A service that takes requests, on stock Poco: it keeps each one and answers as the test says.
namespace signalbox::test {

class Receiver {
  public:
    struct Received {
        std::string method;
        std::string uri;
        std::map<std::string, std::string> headers;  ///< names lower-cased
        std::string body;
    };
    struct Reply {
        int status = 200;
        std::map<std::string, std::string> headers;
        std::string body;
    };
    /// Called on a thread of the server's, for one request at a time.
    using Answer = std::function<Reply(const Received&)>;

    explicit Receiver(Answer answer);
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::string url() const;  ///< http://127.0.0.1:PORT
    std::vector<Received> received() const;

  private:
    class Handler;
    class Factory;

    const Answer answer_;
    mutable std::mutex mutex_;
    std::vector<Received> received_;
    std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace signalbox::test
