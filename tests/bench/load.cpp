// Sends invocations at a set rate, or as fast as they are answered, and keeps what was accepted.
//
//   bench-load PORT PATH BODY_FILE ACCEPTED CONNECTIONS SECONDS RATE [HEADER]...
//
// RATE is a number of requests a second, sent by the clock whether or not earlier ones were
// answered, with the latency counted from the moment a request was due; 0: each connection sends as
// soon as it was answered. `{count}` in BODY_FILE becomes a number, a new one for each request.
// ACCEPTED gets a line for each 202: the run's id and the moment its request was due, in
// microseconds. The one line on standard output: sent, accepted (2xx), refused, rate of the
// accepted, of the latencies p50, p99, p99.9 and the most, in milliseconds, and the CPU of this process for
// each that was sent, in microseconds.
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <vector>

#include "wire.hpp"

namespace {

using namespace bench;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::int64_t kPatienceUs = 10'000'000;  // for the last answers

struct Settings {
    std::int64_t port = 0;
    std::string path;
    std::string body;
    std::vector<std::string> headers;
    std::int64_t connections = 0;
    std::int64_t seconds = 0;
    std::int64_t rate = 0;
};

struct Connection {
    int descriptor = -1;
    std::int64_t due_us = 0;  // of the request that is under way; 0: none is
    std::string in;
};

struct Accepted {
    std::array<char, 28> id;
    std::int64_t due_us;
};

class Load {
  public:
    explicit Load(Settings settings) : settings_(std::move(settings)) {
        head_ = "POST " + settings_.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        for (const std::string& header : settings_.headers)
            head_ += header + "\r\n";
        head_ += "Content-Length: ";
        connections_.resize(std::size_t(settings_.connections));
        for (std::size_t i = 0; i < connections_.size(); ++i)
            open(i);
    }

    void run() {
        begun_us_ = now_us();
        const std::int64_t used_before_us = cpu_us();
        const std::int64_t end_us = begun_us_ + settings_.seconds * 1'000'000;
        if (settings_.rate == 0) {
            for (std::size_t i = 0; i < connections_.size(); ++i)
                send_request(i, now_us());
        } else {
            for (std::size_t i = 0; i < connections_.size(); ++i)
                idle_.push_back(i);
        }
        std::array<epoll_event, 256> events;
        while (now_us() < end_us) {
            send_due();
            wait(events, next_wait_us(end_us));
        }
        ended_us_ = now_us();
        stopping_ = true;
        while (under_way_ > 0 && now_us() < ended_us_ + kPatienceUs)
            wait(events, 100'000);
        refused_ += under_way_;  // never answered
        us_each_ = double(cpu_us() - used_before_us) / double(sent_);
    }

    void report(const std::string& file) {
        std::ofstream out(file);
        for (const Accepted& one : accepted_)
            out << std::string_view(one.id.data(), one.id.size()) << ' ' << one.due_us << '\n';
        if (!out.flush()) die("bench-load: cannot write " + file);
        std::sort(latencies_us_.begin(), latencies_us_.end());
        const double seconds = double(ended_us_ - begun_us_) / 1e6;
        const std::size_t accepted = accepted_.size() + nameless_;
        std::printf("%zu %zu %zu %.0f %.3f %.3f %.3f %.3f %.1f\n", sent_, accepted, refused_,
                    double(accepted) / seconds, at(0.5), at(0.99), at(0.999), at(1),
                    us_each_);
    }

  private:
    void open(std::size_t index) {
        Connection& connection = connections_[index];
        connection.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(settings_.port);
        if (connect(connection.descriptor, reinterpret_cast<const sockaddr*>(&address),
                    sizeof address) != 0) {
            die("bench-load: no connection to port " + std::to_string(settings_.port));
        }
        fcntl(connection.descriptor, F_SETFL, O_NONBLOCK);
        without_delay(connection.descriptor);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event);
    }

    void wait(std::array<epoll_event, 256>& events, std::int64_t wait_us) {
        const timespec timeout{wait_us / 1'000'000, wait_us % 1'000'000 * 1'000};
        const int count =
            epoll_pwait2(epoll_, events.data(), int(events.size()), &timeout, nullptr);
        for (int i = 0; i < count; ++i)
            read(events[std::size_t(i)].data.u64);
    }

    std::int64_t due_us(std::size_t number) const {
        return begun_us_ + std::int64_t(number) * 1'000'000 / settings_.rate;
    }

    std::int64_t next_wait_us(std::int64_t end_us) const {
        const std::int64_t left_us = end_us - now_us();
        // Where none is idle, an answer has to come first.
        if (settings_.rate == 0 || idle_.empty()) return std::max<std::int64_t>(0, left_us);
        return std::clamp<std::int64_t>(due_us(sent_) - now_us(), 0,
                                        std::max<std::int64_t>(0, left_us));
    }

    void send_due() {
        if (settings_.rate == 0) return;
        while (!idle_.empty() && due_us(sent_) <= now_us()) {
            const std::size_t index = idle_.front();
            idle_.pop_front();
            send_request(index, due_us(sent_));
        }
    }

    void send_request(std::size_t index, std::int64_t due_us) {
        std::string body = settings_.body;
        const std::size_t mark = body.find("{count}");
        if (mark != std::string::npos) body.replace(mark, 7, std::to_string(sent_));
        out_.assign(head_).append(std::to_string(body.size())).append("\r\n\r\n").append(body);
        Connection& connection = connections_[index];
        if (send(connection.descriptor, out_.data(), out_.size(), MSG_NOSIGNAL) !=
            ssize_t(out_.size())) {
            die("bench-load: a request could not be sent");
        }
        connection.due_us = due_us;
        ++sent_;
        ++under_way_;
    }

    void read(std::size_t index) {
        Connection& connection = connections_[index];
        const auto got = recv(connection.descriptor, scratch_.get(), kReadBytes, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) die("bench-load: the server closed a connection");
        std::string_view bytes(scratch_.get(), std::size_t(got));
        if (!connection.in.empty()) bytes = connection.in.append(bytes);
        const auto message = first_message(bytes);
        if (!message) {
            if (connection.in.empty()) connection.in = std::string(bytes);
            return;
        }
        answered(connection, *message);
        connection.in.clear();
        --under_way_;
        if (stopping_) return;
        if (settings_.rate == 0) return send_request(index, now_us());
        idle_.push_back(index);
    }

    void answered(const Connection& connection, const Message& message) {
        latencies_us_.push_back(now_us() - connection.due_us);
        if (message.head.substr(9, 1) != "2") {
            if (refused_++ == 0) std::cerr << message.head << message.body << '\n';
            return;
        }
        const std::string_view id = id_after(message.body, "\"id\":\"");
        if (id.empty()) return void(++nameless_);  // of a server that is no Signalbox
        Accepted one{};
        std::copy(id.begin(), id.end(), one.id.begin());
        one.due_us = connection.due_us;
        accepted_.push_back(one);
    }

    double at(double share) const {
        if (latencies_us_.empty()) return 0;
        const auto last = latencies_us_.size() - 1;
        return double(latencies_us_[std::size_t(double(last) * share)]) / 1e3;
    }

    const Settings settings_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    std::unique_ptr<char[]> scratch_ = std::make_unique<char[]>(kReadBytes);
    std::string head_;
    std::string out_;
    std::vector<Connection> connections_;
    std::deque<std::size_t> idle_;
    std::size_t sent_ = 0;
    std::size_t refused_ = 0;
    std::size_t nameless_ = 0;
    std::size_t under_way_ = 0;
    bool stopping_ = false;
    std::vector<Accepted> accepted_;
    std::vector<std::int64_t> latencies_us_;
    std::int64_t begun_us_ = 0;
    std::int64_t ended_us_ = 0;
    double us_each_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 8) {
        die("usage: bench-load PORT PATH BODY_FILE ACCEPTED CONNECTIONS SECONDS RATE [HEADER]...");
    }
    Settings settings;
    settings.port = number(argv[1]);
    settings.path = argv[2];
    settings.body = content(argv[3]);
    settings.connections = number(argv[5]);
    settings.seconds = number(argv[6]);
    settings.rate = number(argv[7]);
    settings.headers.assign(argv + 8, argv + argc);
    Load load(std::move(settings));
    load.run();
    load.report(argv[4]);
}
