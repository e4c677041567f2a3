#include "net/fresh_context.hpp"

#include <sys/stat.h>

#include <utility>

#include "base/limits.hpp"

namespace signalbox::net {
namespace {

/// What tells a file from the one that was under its name before.
struct FileMark {
    ino_t number = 0;
    off_t bytes = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const FileMark&) const = default;
};
using Marks = std::vector<FileMark>;

Marks marks_of(const std::vector<std::string>& files) {
    Marks marks;
    for (const std::string& file : files) {
        struct stat found {};
        FileMark mark;
        if (stat(file.c_str(), &found) == 0) {
            mark = {found.st_ino, found.st_size,
                    found.st_mtim.tv_sec * 1'000'000'000LL + found.st_mtim.tv_nsec};
        }
        marks.push_back(mark);
    }
    return marks;
}

}  // namespace

struct FreshContext::State {
    LogSink* log = nullptr;
    std::vector<std::string> files;
    bool made_once = false;
    bool looking = false;
    std::int64_t looked_ms = 0;
    Marks marks;
    Made made;
    std::uint64_t version = 0;
    std::vector<std::function<void()>> waiting;

    void take(Marks now, Made fresh) {
        marks = std::move(now);
        const bool first = !std::exchange(made_once, true);
        if (!first) note(fresh.problem);
        if (!fresh.problem.empty() && made.context) return;
        made = std::move(fresh);
        ++version;
    }

    void looked() {
        looking = false;
        const auto waiters = std::exchange(waiting, {});
        for (const auto& then : waiters)
            then();
    }

    void note(const std::string& problem) const {
        if (log == nullptr) return;
        LogEvent event;
        event.level = problem.empty() ? LogLevel::info : LogLevel::warning;
        event.name = problem.empty() ? "tls_files_taken" : "tls_files_unusable";
        event.message = problem.empty() ? "the changed TLS files are used from now on"
                                        : "the TLS files have changed and cannot be used; what was "
                                          "read before stays";
        if (!problem.empty()) event.fields.emplace_back("reason", problem);
        for (const std::string& file : files)
            event.fields.emplace_back("file", file);
        log->write(event);
    }
};

FreshContext::FreshContext(Background& background, const Clock& clock, LogSink* log,
                           std::vector<std::string> files, Make make)
    : background_(background),
      clock_(clock),
      files_(std::move(files)),
      make_(std::move(make)),
      state_(std::make_shared<State>()) {
    state_->log = log;
    state_->files = files_;
}
FreshContext::~FreshContext() = default;

void FreshContext::look_now() {
    // Marked before they are read: a change in between is seen by the next look.
    Marks marks = marks_of(files_);
    state_->take(std::move(marks), make_());
    state_->looked_ms = clock_.steady_ms();
}

void FreshContext::prepare() {
    State& state = *state_;
    if (state.looking) return;
    const bool recent = clock_.steady_ms() - state.looked_ms < limits::tls_files_look_ms;
    if (state.made_once && (files_.empty() || recent)) return;
    state.looking = true;
    state.looked_ms = clock_.steady_ms();
    background_.run([files = files_, make = make_, before = state.marks, first = !state.made_once,
                     weak = std::weak_ptr<State>(state_)]() -> Task {
        Marks marks = marks_of(files);
        if (!first && marks == before) {
            return [weak] {
                if (const auto alive = weak.lock()) alive->looked();
            };
        }
        return [weak, marks = std::move(marks), made = make()] {
            const auto alive = weak.lock();
            if (!alive) return;
            alive->take(marks, made);
            alive->looked();
        };
    });
}

bool FreshContext::ready() const {
    return state_->made_once && !state_->looking;
}

void FreshContext::when_ready(std::function<void()> then) {
    state_->waiting.push_back(std::move(then));
}

Poco::Net::Context::Ptr FreshContext::context() const {
    return state_->made.context;
}
const std::string& FreshContext::problem() const {
    return state_->made.problem;
}
std::uint64_t FreshContext::version() const {
    return state_->version;
}

}  // namespace signalbox::net
