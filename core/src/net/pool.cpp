#include "net/pool.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/limits.hpp"
#include "net/egress.hpp"

namespace signalbox::net {

Pool::~Pool() {
    loop_.cancel(timer_);
}

std::unique_ptr<Channel> Pool::take(const std::string& origin, std::int64_t idle_ms_max,
                                    const std::vector<std::string>& egress_allow) {
    const auto found = idle_.find(origin);
    if (found == idle_.end()) return nullptr;
    std::vector<Idle>& list = found->second;
    const std::int64_t now_ms = loop_.clock().steady_ms();
    while (!list.empty()) {
        Idle& last = list.back();
        if (now_ms - last.since_ms >= idle_ms_max) return nullptr;
        // Two connections of the config may reach one origin under different egress rules.
        if (last.channel->allowed_by != egress_allow) {
            if (!refused_reason(last.channel->address(), egress_allow).empty()) return nullptr;
            last.channel->allowed_by = egress_allow;
        }
        std::unique_ptr<Channel> channel = std::move(last.channel);
        list.pop_back();
        if (channel->quiet()) return channel;
    }
    return nullptr;
}

void Pool::give(std::unique_ptr<Channel> channel) {
    std::vector<Idle>& list = idle_[channel->origin()];
    if (list.size() >= limits::pool_idle_connections_max) list.erase(list.begin());
    const std::int64_t now_ms = loop_.clock().steady_ms();
    channel->hand_to(*this);
    list.push_back({std::move(channel), now_ms});
    if (timer_ == 0) arm(now_ms + limits::pool_idle_ms_max);
}

void Pool::on_channel(Channel& channel, std::uint32_t /*events*/) {
    // Whatever comes unasked (the end, data, a reset) makes the connection useless.
    std::vector<Idle>& list = idle_[channel.origin()];
    const auto found = std::find_if(list.begin(), list.end(), [&channel](const Idle& each) {
        return each.channel.get() == &channel;
    });
    if (found != list.end()) list.erase(found);
}

void Pool::arm(std::int64_t at_ms) {
    timer_ = loop_.at(at_ms, [this] {
        timer_ = 0;
        sweep();
    });
}

void Pool::sweep() {
    const std::int64_t now_ms = loop_.clock().steady_ms();
    std::int64_t oldest_ms = std::numeric_limits<std::int64_t>::max();
    for (auto& [origin, list] : idle_) {
        std::erase_if(list, [now_ms](const Idle& each) {
            return now_ms - each.since_ms >= limits::pool_idle_ms_max;
        });
        if (!list.empty()) oldest_ms = std::min(oldest_ms, list.front().since_ms);
    }
    std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
    if (!idle_.empty()) arm(oldest_ms + limits::pool_idle_ms_max);
}

}  // namespace signalbox::net
