// Deliveries alone: the core's HTTP client on one loop, signing what it sends, with no journal and nobody who
// asks.
//
//   bench-deliver PORT BODY_FILE ANSWERED AT_ONCE SECONDS RATE
//
// RATE is a number of deliveries a second, by the clock; 0: as soon as fewer than AT_ONCE are under way. ANSWERED
// gets the id of each that was answered 200. The one line on standard output: answered, answered otherwise or
// not at all, and the CPU of this process for each in microseconds, but for the first second, in which the
// connections are made.
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "net/client.hpp"
#include "net/loop.hpp"
#include "signalbox/clock.hpp"
#include "signing/scheme.hpp"
#include "wire.hpp"

namespace {

using namespace signalbox;

struct Settings {
    std::string url;
    std::string body;
    std::size_t at_once = 0;
    std::int64_t seconds = 0;
    std::int64_t rate = 0;
};

/// [loop thread] throughout.
class Deliveries {
  public:
    Deliveries(net::Loop& loop, Settings settings)
        : settings_(std::move(settings)), loop_(loop), client_(loop, {}) {
        loop_.post([this] { begin(); });
    }

    const std::vector<std::string>& answered() const { return answered_; }
    std::int64_t refused() const { return refused_; }
    double us_each() const {
        return double(used_us_ - warm_us_) / double(std::int64_t(answered_.size()) - warm_);
    }

  private:
    void begin() {
        at_s(1, [this] {
            warm_us_ = bench::cpu_us();
            warm_ = std::int64_t(answered_.size());
        });
        at_s(settings_.seconds, [this] {
            stopping_ = true;
            fill();
        });
        tick();
    }

    void at_s(std::int64_t seconds, Task task) {
        loop_.at(loop_.clock().steady_ms() + seconds * 1'000, std::move(task));
    }

    void tick() {
        fill();
        if (settings_.rate == 0 || stopping_) return;
        loop_.at(loop_.clock().steady_ms() + 1, [this] { tick(); });
    }

    void fill() {
        while (!stopping_ && under_way_ < settings_.at_once && is_due())
            send();
        if (!stopping_ || under_way_ > 0) return;
        used_us_ = bench::cpu_us();
        loop_.stop();
    }

    bool is_due() const {
        if (settings_.rate == 0) return true;
        return sent_ < (bench::now_us() - begun_us_) * settings_.rate / 1'000'000;
    }

    void send() {
        const std::string digits = std::to_string(++sent_);
        std::string id = "r_" + std::string(26 - digits.size(), '0') + digits;
        dispatch::WireRequest request;
        request.method = "POST";
        request.url = settings_.url;
        request.body = settings_.body;
        request.headers = signer_.headers(request.body, 0, id);
        request.headers.emplace_back("Content-Type", "application/json");
        request.headers.emplace_back("X-Signalbox-Delivery", id);
        request.egress_allow = {"127.0.0.0/8"};
        ++under_way_;
        client_.send(std::move(request),
                     [this, id = std::move(id)](const dispatch::WireReply& reply) mutable {
                         --under_way_;
                         if (reply.status == 200) {
                             answered_.push_back(std::move(id));
                         } else {
                             ++refused_;
                         }
                         fill();
                     });
    }

    const Settings settings_;
    const signing::Signer signer_{signing::Scheme::hmac_sha256_prefixed, {}, {"a key of some length"}};
    const std::int64_t begun_us_ = bench::now_us();
    net::Loop& loop_;
    net::Client client_;
    std::size_t under_way_ = 0;
    std::int64_t sent_ = 0;
    std::int64_t refused_ = 0;
    std::int64_t warm_ = 0;
    std::int64_t warm_us_ = 0;
    std::int64_t used_us_ = 0;
    bool stopping_ = false;
    std::vector<std::string> answered_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        bench::die("usage: bench-deliver PORT BODY_FILE ANSWERED AT_ONCE SECONDS RATE");
    }
    Settings settings;
    settings.url = "http://127.0.0.1:" + std::to_string(bench::number(argv[1])) + "/";
    settings.body = bench::content(argv[2]);
    settings.at_once = std::size_t(bench::number(argv[4]));
    settings.seconds = bench::number(argv[5]);
    settings.rate = bench::number(argv[6]);
    if (settings.seconds < 2) bench::die("bench-deliver: the first second does not count; give it more");
    net::Loop loop(system_clock());
    Deliveries deliveries(loop, std::move(settings));
    loop.run();
    std::ofstream answered(argv[3]);
    for (const std::string& id : deliveries.answered())
        answered << id << '\n';
    if (!answered.flush()) bench::die("bench-deliver: cannot write " + std::string(argv[3]));
    std::printf("%zu %lld %.1f\n", deliveries.answered().size(),
                static_cast<long long>(deliveries.refused()), deliveries.us_each());
}
