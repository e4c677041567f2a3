#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.hpp"
#include "dispatch/transport.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/random.hpp"
#include "sources/port_message.hpp"

namespace signalbox::sources {

/// Where the runs of one source are reported.
struct ReportTo {
    std::string source;
    std::string url;  ///< of Port's API, without a closing `/`
    std::string client_id;
    std::string client_secret;
    std::vector<std::string> egress_allow;
    dispatch::TlsSettings tls;
    std::int64_t first_ms = 1'000;  ///< until the first repeat; doubled each time
    std::int64_t cap_ms = 300'000;
    bool operator==(const ReportTo&) const = default;
};

/// `first` doubled `failures - 1` times, at most `cap`, spread over ±20 %.
std::int64_t report_delay_ms(const ReportTo& to, int failures, Random& random);

/// Calls of Port's API under one token, which is fetched once and kept until shortly before it expires (3 h),
/// or until Port refuses it. At most limits::upstream_in_flight_max calls at a time; the others wait. While no
/// token can be had all wait, and it is asked for again with growing delays. [loop thread]
class PortChannel {
  public:
    /// All must outlive this, and this must outlive the transport's last reply.
    PortChannel(ReportTo to, Executor& executor, const Clock& clock, Random& random,
                dispatch::Transport& transport, LogSink& log);

    using Done = std::function<void(const dispatch::WireReply&)>;
    /// `done` runs once, never inside this call, unless the channel is stopped before.
    void send(PortMessage message, Done done);
    /// Another takes its place: what waits is told as cancelled, what is under way comes to its end.
    void retire();
    /// Nothing is under way that would still come back here.
    bool is_idle() const { return in_flight_ == 0 && !fetching_; }
    /// Nothing more is sent, and no reply told.
    void stop() { stopped_ = true; }

    const ReportTo& to() const { return to_; }

  private:
    struct Waiting {
        PortMessage message;
        Done done;
    };
    void pump();
    void fetch();
    void fetched(const dispatch::WireReply& reply);
    void token_failed(const std::string& why);
    dispatch::WireRequest request(PortMessage message) const;

    const ReportTo to_;
    Executor& executor_;
    const Clock& clock_;
    Random& random_;
    dispatch::Transport& transport_;
    LogSink& log_;
    std::deque<Waiting> waiting_;
    std::size_t in_flight_ = 0;
    std::string token_;
    std::int64_t token_until_ms_ = 0;  // steady
    bool fetching_ = false;            // or waiting to fetch again
    int token_failures_ = 0;
    bool retired_ = false;
    bool stopped_ = false;
};

}  // namespace signalbox::sources
