#pragma once

#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/body.hpp"
#include "net/head_scan.hpp"
#include "net/server_core.hpp"
#include "net/stream.hpp"

namespace signalbox::net {

/// One connection of the server: bytes to requests, answers to bytes in the order of the requests.
/// [loop thread]
class Connection final : public std::enable_shared_from_this<Connection> {
  public:
    /// `core` must outlive every use but destruction. The socket is non-blocking.
    Connection(ServerCore& core, Poco::Net::StreamSocket socket, std::string peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    /// Closes at once; what was not sent is lost.
    void close();
    /// Closes if nothing is under way, else after the replies that are.
    void finish();
    /// The answer to the request of that number; ignored where there is no such request any more. It is
    /// written at the end of the loop's round.
    void answer(std::uint64_t number, Response response);
    void round_ended();
    /// Sends part of a streamed reply's body; false: it has ended. connection_stream.cpp
    bool stream(std::string_view bytes);
    void end_stream();
    /// The handler has dropped that request.
    void abandon(std::uint64_t number);

    const std::string& peer() const { return peer_; }
    int descriptor() const { return stream_.descriptor(); }

  private:
    struct Pending {
        bool to_head = false;
        bool close = false;
        bool ready = false;
        bool chunks = true;  // the client understands them
        Response response;
    };
    enum class Reading { handshake, head, body, nothing };

    // connection_read.cpp: bytes to requests.
    void read();
    void read_dropping();
    void feed(std::string_view bytes);
    std::string_view parse(std::string_view bytes);
    bool parse_head(std::string_view& bytes);
    bool parse_body(std::string_view& bytes);
    void wait_for_body();
    void dispatch();
    void refuse(int status, std::string_view code, std::string_view message);
    void refuse(Response response);
    void count_body(std::size_t bytes);
    bool has_room_for_bodies() const;
    void drop_request();
    void peer_ended();
    bool may_parse() const;
    void keep(std::string_view rest, bool buffered);
    std::size_t unsent_bytes() const { return out_.size() - sent_bytes_ + ready_bytes_; }

    // connection_tls.cpp: from an accepted connection to one that speaks TLS.
    void await_tls();
    void shake_hands();
    bool judge_first_byte();

    // connection.cpp: answers to bytes, deadlines, the end.
    void on_ready(std::uint32_t events);
    void on_timer();
    template <class Call>
    void or_close(Call call);
    void on_deadline();
    void write_ready_replies();
    void write_reply(Pending& pending);
    void begin_stream(const Response& response);
    void flush();
    void end_if_answered();
    void linger();
    void settle();
    void watch_what_matters();
    void take_place();
    std::int64_t deadline_ms() const;
    void arm_timer();
    bool is_idle() const;
    bool has_unsent() const { return sent_bytes_ < out_.size(); }
    std::int64_t now_ms() const { return core_.loop.clock().steady_ms(); }

    ServerCore& core_;
    Stream stream_;
    const std::string peer_;

    Reading reading_ = Reading::head;
    std::string in_;  // what was received and not parsed; empty most of the time
    HeadScan scan_;
    std::optional<BodyReader> body_;
    Request request_;  // the one whose body is being read
    std::size_t counted_bytes_ = 0;  // of it, in core_.bodies_bytes
    std::size_t body_bytes_max_ = 0;
    bool body_from_stranger_ = false;
    bool keep_alive_ = true;
    bool continue_due_ = false;

    std::vector<Pending> pending_;     // as many as limits::http_pipelined_max
    std::uint64_t first_pending_ = 0;  // the number of pending_'s front
    std::size_t ready_bytes_ = 0;      // of the bodies in pending_
    std::string out_;
    std::size_t sent_bytes_ = 0;

    bool in_round_ = false;    // settle() will follow
    bool answered_ = false;    // and so it will at the end of the loop's round
    bool stalled_ = false;     // in_ may hold whole requests that had to wait
    bool tls_ready_ = false;   // of a handshake: there is a context
    bool hello_began_ = false;
    bool head_began_ = false;  // as the next: its deadline runs
    bool body_began_ = false;
    bool blocked_ = false;  // the socket takes no more for now
    bool closing_ = false;  // the last reply has been written
    bool streaming_ = false;  // the last reply goes on
    bool chunked_ = false;    // and is framed by chunks
    bool lingering_ = false;
    bool body_refused_ = false;  // unread
    bool peer_ended_ = false;
    bool closed_ = false;
    std::size_t lingered_bytes_ = 0;

    std::int64_t read_since_ms_ = 0;   // this head, this body, or this idleness began
    std::int64_t write_since_ms_ = 0;  // the socket last took something, or lingering began
    TimerId timer_ = 0;
    std::int64_t timer_ms_ = 0;
    std::list<Connection*>::iterator place_;  // in core_.idle or core_.busy
    bool listed_idle_ = false;
};

}  // namespace signalbox::net
