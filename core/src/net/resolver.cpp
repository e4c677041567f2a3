#include "net/resolver.hpp"

#include <netdb.h>

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "base/limits.hpp"

namespace signalbox::net {

struct Resolver::Table {
    struct Kept {
        Answer answer;
        std::int64_t until_ms = 0;
    };
    std::unordered_map<std::string, Kept> kept;
    std::unordered_map<std::string, std::vector<Done>> waiting;

    void keep(const std::string& host, const Answer& answer, std::int64_t now_ms) {
        if (kept.size() >= limits::dns_cache_names_max) {
            std::erase_if(kept,
                          [now_ms](const auto& entry) { return entry.second.until_ms <= now_ms; });
        }
        if (kept.size() >= limits::dns_cache_names_max) kept.clear();
        kept[host] = {answer, now_ms + limits::dns_cache_ms};
    }

    void answered(const std::string& host, const Answer& answer, std::int64_t now_ms) {
        if (!answer.addresses.empty()) keep(host, answer, now_ms);
        const auto found = waiting.find(host);
        if (found == waiting.end()) return;
        const std::vector<Done> waiters = std::move(found->second);
        waiting.erase(found);
        for (const Done& done : waiters)
            done(answer);
    }
};

Resolver::Answer Resolver::look_up_in_system(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    Answer answer;
    if (error != 0) {
        answer.problem = gai_strerror(error);
        return answer;
    }
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
        answer.addresses.emplace_back(each->ai_addr);
    }
    freeaddrinfo(found);
    if (answer.addresses.empty()) answer.problem = "the name has no address";
    return answer;
}

Resolver::Resolver(Background& background, const Clock& clock, Lookup lookup)
    : background_(background),
      clock_(clock),
      lookup_(std::move(lookup)),
      table_(std::make_shared<Table>()) {}
Resolver::~Resolver() = default;

const Resolver::Answer* Resolver::cached(const std::string& host) {
    const auto found = table_->kept.find(host);
    if (found == table_->kept.end() || found->second.until_ms <= clock_.steady_ms()) return nullptr;
    return &found->second.answer;
}

void Resolver::resolve(const std::string& host, Done done) {
    std::vector<Done>& waiters = table_->waiting[host];
    waiters.push_back(std::move(done));
    if (waiters.size() > 1) return;
    // A thread may outlive this resolver inside its lookup, so a job owns all it uses.
    background_.run(
        [host, lookup = lookup_, &clock = clock_, table = std::weak_ptr<Table>(table_)]() -> Task {
            Answer answer = lookup(host);
            if (answer.addresses.size() > limits::dns_addresses_max) {
                answer.addresses.resize(limits::dns_addresses_max);
            }
            return [table, host, answer = std::move(answer), &clock] {
                if (const auto alive = table.lock())
                    alive->answered(host, answer, clock.steady_ms());
            };
        });
}

}  // namespace signalbox::net
