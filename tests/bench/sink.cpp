// A target that answers 200 and remembers whose payload came, and when.
//
//   bench-sink PORT RECEIVED [DELAY_MS]
//
// Answers after DELAY_MS (default 0). `GET /count` tells the requests so far. On SIGTERM it writes
// RECEIVED, a line for each request with a run's id: the id, and the moment in microseconds.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <fstream>
#include <memory>
#include <vector>

#include "wire.hpp"

namespace {

using namespace bench;

constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::size_t kReadBytes = 64 * 1024;

struct Peer {
    int descriptor = -1;
    std::uint64_t number = 0;  // tells two owners of one descriptor apart
    std::string in;
};

struct Received {
    std::array<char, 28> id;
    bool known = false;
    std::int64_t at_us = 0;
};

struct Due {
    std::int64_t at_us;
    int descriptor;
    std::uint64_t number;
};

class Sink {
  public:
    Sink(std::int64_t port, std::string file, std::int64_t delay_ms)
        : file_(std::move(file)), delay_us_(delay_ms * 1'000) {
        received_.reserve(1'000'000);
        sigset_t term;
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        sigaddset(&term, SIGINT);
        sigprocmask(SIG_BLOCK, &term, nullptr);
        signals_ = signalfd(-1, &term, SFD_CLOEXEC);
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const sockaddr_in address = loopback(port);
        if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            listen(listener_, 4096) != 0) {
            die("bench-sink: cannot listen on " + std::to_string(port));
        }
        watch(listener_);
        watch(signals_);
    }

    void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), int(events.size()), timeout_ms());
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[std::size_t(i)].data.fd;
                if (descriptor == signals_) return write();
                if (descriptor == listener_) {
                    admit();
                } else {
                    read(descriptor);
                }
            }
            answer_due();
        }
    }

  private:
    void watch(int descriptor) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }

    int timeout_ms() const {
        if (due_.empty()) return -1;
        return int(std::max<std::int64_t>(0, (due_.front().at_us - now_us() + 999) / 1'000));
    }

    void admit() {
        for (;;) {
            const int descriptor =
                accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            without_delay(descriptor);
            if (peers_.size() <= std::size_t(descriptor))
                peers_.resize(std::size_t(descriptor) + 1);
            peers_[std::size_t(descriptor)] =
                std::make_unique<Peer>(Peer{descriptor, ++last_number_, {}});
            watch(descriptor);
        }
    }

    void read(int descriptor) {
        std::unique_ptr<Peer>& peer = peers_[std::size_t(descriptor)];
        const auto got = recv(descriptor, scratch_.get(), kReadBytes, 0);
        if (got <= 0) {
            if (got < 0 && errno == EAGAIN) return;
            close(descriptor);
            peer.reset();
            return;
        }
        std::string_view bytes(scratch_.get(), std::size_t(got));
        if (!peer->in.empty()) bytes = peer->in.append(bytes);
        std::size_t used = 0;
        while (const auto message = first_message(bytes.substr(used))) {
            used += message->bytes();
            take(*peer, *message);
        }
        peer->in = std::string(bytes.substr(used));
    }

    void take(const Peer& peer, const Message& message) {
        if (message.head.substr(0, 11) == "GET /count ") {
            const std::string count = std::to_string(received_.size());
            return send_all(peer.descriptor, "HTTP/1.1 200 OK\r\nContent-Length: " +
                                                 std::to_string(count.size()) + "\r\n\r\n" + count);
        }
        std::string_view id = id_after(message.body, "\"runId\":\"");
        if (id.empty()) id = id_after(message.head, "X-Signalbox-Delivery: ");
        Received one{};
        one.known = !id.empty();
        one.at_us = now_us();
        std::copy(id.begin(), id.end(), one.id.begin());
        received_.push_back(one);
        if (delay_us_ == 0) return send_all(peer.descriptor, kReply);
        due_.push_back({one.at_us + delay_us_, peer.descriptor, peer.number});
    }

    void answer_due() {
        while (!due_.empty() && due_.front().at_us <= now_us()) {
            const Due due = due_.front();
            due_.pop_front();
            const std::unique_ptr<Peer>& peer = peers_[std::size_t(due.descriptor)];
            if (peer && peer->number == due.number) send_all(due.descriptor, kReply);
        }
    }

    static void send_all(int descriptor, std::string_view bytes) {
        // A reply is small, and a client that does not take it is a broken bench.
        if (send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) != ssize_t(bytes.size())) {
            shutdown(descriptor, SHUT_RDWR);
        }
    }

    void write() const {
        std::ofstream out(file_);
        for (const Received& one : received_) {
            if (!one.known) continue;
            out << std::string_view(one.id.data(), one.id.size()) << ' ' << one.at_us << '\n';
        }
        if (!out.flush()) die("bench-sink: cannot write " + file_);
    }

    const std::string file_;
    const std::int64_t delay_us_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    int signals_ = -1;
    int listener_ = -1;
    std::unique_ptr<char[]> scratch_ = std::make_unique<char[]>(kReadBytes);
    std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
    std::uint64_t last_number_ = 0;
    std::vector<Received> received_;
    std::deque<Due> due_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3 || argc > 4) bench::die("usage: bench-sink PORT RECEIVED [DELAY_MS]");
    Sink(bench::number(argv[1]), argv[2], argc > 3 ? bench::number(argv[3]) : 0).run();
}
