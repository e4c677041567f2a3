#include "support/raw_target.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

namespace signalbox::test {
namespace {

const Poco::Timespan kBetweenLooks(0, 20'000);

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::size_t content_length(const std::string& head) {
    const std::string name = "\r\ncontent-length:";
    const std::size_t at = lower(head).find(name);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

RawTarget::RawTarget(Script script, std::uint16_t port) : script_(std::move(script)) {
    server_.bind(Poco::Net::SocketAddress("127.0.0.1", port), true);
    server_.listen();
    listening_ = std::thread([this] { listen(); });
}

RawTarget::~RawTarget() {
    ending_ = true;
    listening_.join();
    for (std::thread& thread : threads_)
        thread.join();
}

std::string RawTarget::url() const {
    return "http://" + server_.address().toString();
}

void RawTarget::listen() {
    while (!ending_) {
        if (!server_.poll(kBetweenLooks, Poco::Net::Socket::SELECT_READ)) continue;
        const int nth = connections_++;
        // One owner at a time: Poco is not built for ThreadSanitizer, which does not see its counting.
        auto socket = std::make_unique<Poco::Net::StreamSocket>(server_.acceptConnection());
        threads_.emplace_back(
            [this, socket = std::move(socket), nth] { serve(*socket, nth); });
    }
    server_.close();
}

void RawTarget::serve(Poco::Net::StreamSocket& socket, int nth) {
    try {
        script_(*this, socket, nth);
        socket.close();
    } catch (const Poco::Exception&) {
        // The peer went away in the middle: a test that minds looks at what arrived.
        socket.close();
    }
    ++closed_;
}

std::string RawTarget::read_request(Poco::Net::StreamSocket& socket) {
    std::string bytes;
    std::size_t whole = 0;
    while (whole == 0 || bytes.size() < whole) {
        if (ending_) return {};
        if (!socket.poll(kBetweenLooks, Poco::Net::Socket::SELECT_READ)) continue;
        char buffer[4'096];
        const int count = socket.receiveBytes(buffer, sizeof buffer);
        if (count <= 0) return {};
        bytes.append(buffer, static_cast<std::size_t>(count));
        const std::size_t end = bytes.find("\r\n\r\n");
        if (end != std::string::npos) whole = end + 4 + content_length(bytes.substr(0, end + 2));
    }
    std::string body = bytes.substr(bytes.find("\r\n\r\n") + 4);
    const std::lock_guard lock(mutex_);
    received_.push_back(body);
    return body;
}

void RawTarget::send(Poco::Net::StreamSocket& socket, const std::string& bytes) {
    socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
}

void RawTarget::accept(Poco::Net::StreamSocket& socket) {
    send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

void RawTarget::reset(Poco::Net::StreamSocket& socket) {
    socket.setLinger(true, 0);
}

void RawTarget::hang(Poco::Net::StreamSocket& socket) {
    while (!ending_) {
        if (!socket.poll(kBetweenLooks, Poco::Net::Socket::SELECT_READ)) continue;
        char buffer[4'096];
        if (socket.receiveBytes(buffer, sizeof buffer) <= 0) return;
    }
}

std::vector<std::string> RawTarget::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

}  // namespace signalbox::test
