#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/channel.hpp"
#include "net/loop.hpp"

namespace signalbox::net {

/// Connections between two exchanges. It watches them, so one that the peer ends is closed at once,
/// and one timer closes those idle for limits::pool_idle_ms_max. [loop thread]
class Pool final : public ChannelOwner {
  public:
    explicit Pool(Loop& loop) : loop_(loop) {}
    ~Pool() override;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// The connection to `origin` used last, if it was idle for less than `idle_ms_max`, is silent,
    /// and its address is one that `egress_allow` lets us use; else null.
    std::unique_ptr<Channel> take(const std::string& origin, std::int64_t idle_ms_max,
                                  const std::vector<std::string>& egress_allow);
    void give(std::unique_ptr<Channel> channel);

    void on_channel(Channel& channel, std::uint32_t events) override;

  private:
    struct Idle {
        std::unique_ptr<Channel> channel;
        std::int64_t since_ms;
    };
    void sweep();
    void arm(std::int64_t at_ms);

    Loop& loop_;
    std::unordered_map<std::string, std::vector<Idle>>
        idle_;  // by origin, the last used at the back
    TimerId timer_ = 0;
};

}  // namespace signalbox::net
