#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signalbox::test {

/// A target that does to each connection what a test says, byte by byte, on stock Poco sockets. It knows
/// just enough HTTP to tell a request that arrived whole from one that did not.
class RawTarget {
  public:
    /// One connection; `nth` counts from 0. The connection is closed when the script returns.
    using Script = std::function<void(RawTarget&, Poco::Net::StreamSocket&, int nth)>;

    /// Listens on 127.0.0.1; port 0: any free one.
    explicit RawTarget(Script script, std::uint16_t port = 0);
    ~RawTarget();  ///< ends every connection
    RawTarget(const RawTarget&) = delete;
    RawTarget& operator=(const RawTarget&) = delete;

    std::string url() const;

    /// Reads one request, notes it, and answers its body; empty where the peer went away before.
    std::string read_request(Poco::Net::StreamSocket& socket);
    /// 200, with a body that the Azure plugin takes for an acceptance.
    static void accept(Poco::Net::StreamSocket& socket);
    static void send(Poco::Net::StreamSocket& socket, const std::string& bytes);
    /// RST instead of FIN.
    static void reset(Poco::Net::StreamSocket& socket);
    /// Until the peer goes away, or the target ends.
    void hang(Poco::Net::StreamSocket& socket);
    bool ending() const { return ending_; }

    /// The bodies of the requests that arrived whole, in order.
    std::vector<std::string> received() const;
    int connections() const { return connections_; }
    /// Connections that its script is done with.
    int closed() const { return closed_; }

  private:
    void listen();
    void serve(Poco::Net::StreamSocket& socket, int nth);

    Script script_;
    Poco::Net::ServerSocket server_;
    std::atomic<bool> ending_{false};
    std::atomic<int> connections_{0};
    std::atomic<int> closed_{0};
    mutable std::mutex mutex_;
    std::vector<std::string> received_;
    std::vector<std::thread> threads_;
    std::thread listening_;
};

}  // namespace signalbox::test
