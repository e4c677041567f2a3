#include "sources/reporter.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/hash.hpp"
#include "base/limits.hpp"

namespace signalbox::sources {
namespace {

using dispatch::Failure;
using dispatch::WireReply;
using journal::Run;
using journal::Sequence;
using journal::UpstreamRun;

/// How long to leave the journal alone after it refused a read or a write.
constexpr std::int64_t kJournalPauseMs = 1'000;
constexpr std::int64_t kRetryAfterMsMax = 300'000;
constexpr std::size_t kLinesAtOnce = 50;

bool is_taken(const WireReply& reply) {
    return reply.failure == Failure::none && reply.status >= 200 && reply.status < 300;
}

/// Saying it again would be refused again. 401 and 403 are not among them: credentials can be mended.
bool is_refused(const WireReply& reply) {
    if (reply.failure != Failure::none) return false;
    switch (reply.status) {
        case 400:
        case 404:
        case 409:
        case 410:
        case 413:
        case 422:
            return true;
        default:
            return false;
    }
}

std::int64_t retry_after_ms(const WireReply& reply) {
    for (const auto& [name, value] : reply.headers) {
        constexpr std::string_view kName = "retry-after";
        const bool same = std::equal(kName.begin(), kName.end(), name.begin(), name.end(),
                                     [](char want, char got) { return want == std::tolower(got); });
        if (!same) continue;
        std::int64_t seconds = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (read.ec == std::errc() && read.ptr == value.data() + value.size() && seconds > 0)
            return std::min(kRetryAfterMsMax, std::min<std::int64_t>(seconds, 86'400) * 1'000);
    }
    return 0;
}

}  // namespace

Reporter::Reporter(Executor& executor, const Clock& clock, Random& random,
                   journal::Journal& journal, dispatch::Transport& transport, LogSink& log)
    : executor_(executor),
      clock_(clock),
      random_(random),
      journal_(journal),
      transport_(transport),
      log_(log) {}

Reporter::~Reporter() = default;

void Reporter::use(std::vector<ReportTo> to) {
    std::erase_if(retired_, [](const auto& channel) { return channel->is_idle(); });
    auto before = std::exchange(channels_, {});
    for (ReportTo& each : to) {
        std::unique_ptr<PortChannel>& channel = channels_[each.source];
        const auto same = before.find(each.source);
        if (same != before.end() && same->second->to() == each) {
            channel = std::move(same->second);
            before.erase(same);
        } else {
            channel = std::make_unique<PortChannel>(std::move(each), executor_, clock_, random_,
                                                    transport_, log_);
        }
    }
    for (auto& [source, channel] : before) {
        retired_.push_back(std::move(channel));
        retired_.back()->retire();
    }
    for (const auto& [sequence, pending] : pending_) {
        if (!pending->busy) look(PendingPtr(pending));
    }
}

void Reporter::start() {
    take_up(0);
}

void Reporter::take_up(Sequence after) {
    journal_.upstream(after, [this](Result<std::vector<UpstreamRun>> page) {
        if (stopped_ || !page) return;
        for (UpstreamRun& kept : *page) {
            const auto [there, added] = pending_.emplace(kept.sequence, nullptr);
            if (!added) continue;  // recorded since the start
            there->second = std::make_shared<Pending>();
            there->second->kept = kept;
            look(PendingPtr(there->second));
        }
        if (page->size() == limits::list_rows_max) take_up(page->back().sequence);
    });
}

void Reporter::changed(Sequence sequence, bool added) {
    if (stopped_) return;
    auto found = pending_.find(sequence);
    if (added && found == pending_.end()) {
        found = pending_.emplace(sequence, std::make_shared<Pending>()).first;
        found->second->kept.sequence = sequence;
    }
    if (found == pending_.end()) return;
    if (found->second->busy) {
        found->second->again = true;
    } else {
        look(PendingPtr(found->second));
    }
}

void Reporter::stop() {
    stopped_ = true;
    for (auto& [source, channel] : channels_)
        channel->stop();
    for (auto& channel : retired_)
        channel->stop();
}

PortChannel* Reporter::channel_of(const std::string& source) {
    const auto found = channels_.find(source);
    return found == channels_.end() ? nullptr : found->second.get();
}

void Reporter::look(const PendingPtr& pending) {
    pending->busy = true;
    pending->again = false;
    journal_.load({pending->kept.sequence}, [this, pending](Result<std::vector<Run>> runs) {
        if (stopped_) return;
        if (!runs) return retry(pending, kJournalPauseMs);
        if (runs->empty()) return drop(pending);  // swept
        step(pending, runs->front());
    });
}

void Reporter::step(const PendingPtr& pending, const Run& run) {
    if (!channel_of(run.seed.origin)) return rest(pending);
    UpstreamRun after = pending->kept;
    if (auto state = state_message(run)) {
        after.told = sha256(state->body);
        if (after.told != pending->kept.told)
            return send(pending, run, std::move(*state), std::move(after), false);
    }
    if (pending->lines.empty()) return read_lines(pending, run);
    after.told = pending->kept.told;
    after.log_number = pending->lines.front().number;
    send(pending, run, log_message(run, pending->lines.front()), std::move(after), false);
}

void Reporter::read_lines(const PendingPtr& pending, const Run& run) {
    journal_.logs(run.seed.id, pending->kept.log_number, kLinesAtOnce,
                  [this, pending, run](Result<std::vector<journal::LogLine>> lines) {
                      if (stopped_) return;
                      if (!lines) return retry(pending, kJournalPauseMs);
                      if (!lines->empty()) {
                          pending->lines.assign(lines->begin(), lines->end());
                          return step(pending, run);
                      }
                      // A run that has ended takes no more lines, so these were all.
                      if (!journal::is_final(run.state.phase)) return rest(pending);
                      send(pending, run, end_message(run), pending->kept, true);
                  });
}

void Reporter::send(const PendingPtr& pending, const Run& run, PortMessage message,
                    UpstreamRun after, bool last) {
    PortChannel* channel = channel_of(run.seed.origin);
    if (!channel) return rest(pending);
    channel->send(std::move(message), [this, pending, run, after = std::move(after),
                                       last](const WireReply& reply) {
        if (!stopped_) answered(pending, run, reply, after, last);
    });
}

void Reporter::answered(const PendingPtr& pending, const Run& run, const WireReply& reply,
                        UpstreamRun after, bool last) {
    if (is_taken(reply)) {
        pending->failures = 0;
        return last ? drop(pending) : keep(pending, run, std::move(after));
    }
    if (is_refused(reply)) {
        note("upstream_report_refused", run, reply);
        pending->failures = 0;
        if (last || reply.status == 404) return drop(pending);
        return keep(pending, run, std::move(after));
    }
    const bool ended = journal::is_final(run.state.phase);
    if (ended && clock_.wall_ms() - run.state.ended_ms > limits::upstream_keep_ms_max) {
        note("upstream_report_given_up", run, reply);
        return drop(pending);
    }
    const PortChannel* channel = channel_of(run.seed.origin);
    if (!channel) return rest(pending);
    ++pending->failures;
    const std::int64_t delay_ms = std::max(
        retry_after_ms(reply), report_delay_ms(channel->to(), pending->failures, random_));
    note("upstream_report_failed", run, reply, delay_ms);
    retry(pending, delay_ms);
}

void Reporter::keep(const PendingPtr& pending, const Run& run, UpstreamRun after) {
    journal_.told_upstream(after, [this, pending, run, after](Result<Done> kept) {
        if (stopped_) return;
        if (!kept) {
            pending->lines.clear();
            return retry(pending, kJournalPauseMs);
        }
        while (!pending->lines.empty() && pending->lines.front().number <= after.log_number)
            pending->lines.pop_front();
        pending->kept = after;
        if (pending->again) return look(pending);
        step(pending, run);
    });
}

void Reporter::rest(const PendingPtr& pending) {
    pending->lines.clear();
    if (pending->again) return look(pending);
    pending->busy = false;
}

void Reporter::retry(const PendingPtr& pending, std::int64_t delay_ms) {
    pending->lines.clear();
    executor_.at(clock_.steady_ms() + delay_ms, [this, pending] {
        if (!stopped_) look(pending);
    });
}

void Reporter::drop(const PendingPtr& pending) {
    journal_.forget_upstream(pending->kept.sequence, [this, pending](Result<Done> forgotten) {
        if (stopped_) return;
        if (!forgotten) return retry(pending, kJournalPauseMs);
        pending_.erase(pending->kept.sequence);
    });
}

void Reporter::note(std::string_view name, const Run& run, const WireReply& reply,
                    std::int64_t delay_ms) {
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = name;
    event.fields = {{"run", run.seed.id},
                    {"source", run.seed.origin},
                    {"upstream", run.seed.upstream_id},
                    {"reason", reply.failure != Failure::none
                                   ? reply.message
                                   : "it answered " + std::to_string(reply.status)}};
    if (delay_ms != 0) event.fields.emplace_back("again_in_ms", std::to_string(delay_ms));
    log_.write(event);
}

}  // namespace signalbox::sources
