#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/loop.hpp"
#include "signalbox/clock.hpp"

/// What the tests of net/ share: a clock that stands still, a loop on a thread, plain blocking
/// sockets.
namespace signalbox::net::test {

class ManualClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return 784'111'777'000 + now_ms_; }
    std::int64_t steady_ms() const override { return now_ms_; }
    std::int64_t steady_us() const override { return now_ms_ * 1'000; }
    void advance(std::int64_t by_ms) { now_ms_ += by_ms; }

  private:
    std::atomic<std::int64_t> now_ms_{1'000};
};

/// A loop on a thread of its own, under a clock that moves only when told.
class LoopThread {
  public:
    /// `told` as for Loop::on_fault.
    explicit LoopThread(Loop::Fault told = {});
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    /// Runs `call` on the loop and waits for it.
    void run(const std::function<void()>& call);
    /// Lets the loop see everything that was ready before this call, and what follows from it.
    void catch_up();
    void advance(std::int64_t by_ms);
    /// Catches up until `condition`, asked on the loop, holds; false if it never does.
    bool eventually(const std::function<bool()>& condition);

    ManualClock clock;
    Loop loop;

  private:
    std::thread thread_;
};

/// A blocking socket. A read that gets nothing for a minute fails, so that no test hangs.
class Peer {
  public:
    explicit Peer(int descriptor);
    static Peer to(std::uint16_t port);
    void connect_to(std::uint16_t port);
    ~Peer();
    Peer(Peer&& other) noexcept;
    Peer& operator=(Peer&&) = delete;

    void send(std::string_view bytes);
    /// Sends until the other side has acknowledged every byte: they are in its receive queue then.
    void send_all_the_way(std::string_view bytes);
    /// What arrives until `count` bytes are there; less if the stream ends.
    std::string read(std::size_t count);
    std::string read_to_end();
    /// One message: a head, and the body of its Content-Length if it has one.
    std::string read_message();
    void end_sending();
    void reset();  ///< closes with a RST
    void close();
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
    std::string ahead_;  // read and not asked for yet
};

/// A listening socket whose connections are served one after another by a script.
class ScriptedServer {
  public:
    using Script = std::function<void(Peer peer)>;
    /// `connections` are accepted, each given to `script` with its number in order.
    ScriptedServer(std::size_t connections, std::function<void(Peer, std::size_t)> script);
    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& path = "/") const;
    void join();

  private:
    int descriptor_;
    std::uint16_t port_;
    std::thread thread_;
};

/// A port on 127.0.0.1 on which nothing listens.
std::uint16_t closed_port();

}  // namespace signalbox::net::test
