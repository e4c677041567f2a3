#include "recorded_socket.hpp"

#include <Poco/Exception.h>
#include <fcntl.h>
#include <poll.h>

#include <cerrno>

namespace azure_standin {
namespace {

constexpr std::size_t kHeadBytesMax = 64UL * 1024;

class RecordedSocketImpl : public Poco::Net::StreamSocketImpl {
  public:
    RecordedSocketImpl(poco_socket_t descriptor, std::shared_ptr<Recording> recording,
                       const StopSignal& stop)
        : StreamSocketImpl(descriptor), recording_(std::move(recording)), stop_(stop) {}

    // Poco waits for a connection's first byte with this and for the others in receiveBytes.
    bool poll(const Poco::Timespan& timeout, int mode) override {
        if (mode == SELECT_READ) return wait_until_readable(timeout);
        return StreamSocketImpl::poll(timeout, mode);
    }

    int receiveBytes(void* buffer, int length, int flags) override {
        if (!wait_until_readable(getReceiveTimeout())) {
            recording_->cut_off = true;
            return 0;
        }
        int count = 0;
        try {
            count = StreamSocketImpl::receiveBytes(buffer, length, flags);
        } catch (const Poco::Exception&) {
            recording_->cut_off = true;
            throw;
        }
        if (count <= 0) recording_->cut_off = true;
        if (count > 0 && !recording_->head_ended) {
            keep(static_cast<const char*>(buffer), static_cast<std::size_t>(count));
        }
        return count;
    }

  private:
    // False when the time is over or the program ends.
    bool wait_until_readable(const Poco::Timespan& timeout) const {
        pollfd waiting[2] = {{sockfd(), POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
        const int timeout_ms = static_cast<int>(timeout.totalMilliseconds());
        while (::poll(waiting, 2, timeout_ms) < 0 && errno == EINTR) {
        }
        return waiting[0].revents != 0 && waiting[1].revents == 0;
    }

    void keep(const char* bytes, std::size_t count) {
        std::string& head = recording_->head;
        const std::size_t search_from = head.size() < 3 ? 0 : head.size() - 3;
        head.append(bytes, count);
        std::size_t end = head.find("\r\n\r\n", search_from);
        if (end == std::string::npos && head.size() > kHeadBytesMax) end = kHeadBytesMax;
        if (end == std::string::npos) return;
        head.resize(end + 2);
        recording_->head_ended = true;
    }

    std::shared_ptr<Recording> recording_;
    const StopSignal& stop_;
};

}  // namespace

Poco::Net::StreamSocket record(const Poco::Net::StreamSocket& socket,
                               std::shared_ptr<Recording> recording, const StopSignal& stop) {
    const int descriptor = ::fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) throw Poco::IOException("the connection's descriptor cannot be duplicated");
    return Poco::Net::StreamSocket(new RecordedSocketImpl(descriptor, std::move(recording), stop));
}

}  // namespace azure_standin
