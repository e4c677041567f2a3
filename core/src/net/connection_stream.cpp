#include <array>
#include <charconv>

#include "base/limits.hpp"
#include "net/connection.hpp"

namespace signalbox::net {
namespace {

class ConnectionStream final : public ReplyStream {
  public:
    explicit ConnectionStream(std::weak_ptr<Connection> connection)
        : connection_(std::move(connection)) {}

    bool write(std::string_view bytes) override {
        const auto connection = connection_.lock();
        return connection && connection->stream(bytes);
    }
    void end() override {
        if (const auto connection = connection_.lock()) connection->end_stream();
    }

  private:
    std::weak_ptr<Connection> connection_;
};

}  // namespace

void Connection::begin_stream(const Response& response) {
    streaming_ = true;
    // Posted, because the first thing that a source does is to write, and this connection is in the
    // middle of a reply.
    core_.loop.post([weak = weak_from_this(), begin = response.stream] {
        if (!weak.expired()) begin(std::make_shared<ConnectionStream>(weak));
    });
}

bool Connection::stream(std::string_view bytes) {
    if (closed_ || !streaming_) return false;
    if (bytes.empty()) return true;  // an empty chunk would be the end
    if (out_.size() - sent_bytes_ + bytes.size() > limits::http_stream_bytes_max) {
        close();
        return false;
    }
    const auto self = shared_from_this();
    if (out_.capacity() == std::string().capacity()) out_ = core_.buffers.take();
    out_.erase(0, sent_bytes_);  // a peer that reads slowly never lets it run empty
    sent_bytes_ = 0;
    if (chunked_) {
        std::array<char, 16> digits;
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
        out_.append(digits.data(), end).append("\r\n");
    }
    out_.append(bytes);
    if (chunked_) out_.append("\r\n");
    settle();
    return !closed_;
}

void Connection::end_stream() {
    if (closed_ || !streaming_) return;
    const auto self = shared_from_this();
    streaming_ = false;
    if (chunked_) {
        if (out_.capacity() == std::string().capacity()) out_ = core_.buffers.take();
        out_.append("0\r\n\r\n");
    }
    settle();
}

}  // namespace signalbox::net
