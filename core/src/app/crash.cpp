#include "app/crash.hpp"

#include <time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <string_view>

namespace signalbox::app {
namespace {

struct Fault {
    int signal;
    std::string_view name;
};
constexpr std::array kFaults = {Fault{SIGSEGV, "SIGSEGV"}, Fault{SIGBUS, "SIGBUS"},
                                Fault{SIGFPE, "SIGFPE"}, Fault{SIGILL, "SIGILL"},
                                Fault{SIGABRT, "SIGABRT"}};

// A handler can be given nothing, so what it needs stands here, written before it is installed.
int log_descriptor = -1;
LogForm log_form = LogForm::json;
PluginCall (*running_call)() noexcept = nullptr;
std::array<struct sigaction, kFaults.size()> before;

/// A line in a buffer of its own: a handler may neither allocate nor lock.
class Line {
  public:
    void add(std::string_view text) {
        for (const char c : text) {
            if (size_ < bytes_.size()) bytes_[size_++] = c;
        }
    }
    /// Names are letters, digits and a few marks, and a path may be anything.
    void add_name(std::string_view text) {
        for (const char c : text) {
            const bool plain = c > ' ' && c <= '~' && c != '"' && c != '\\';
            add(plain ? std::string_view(&c, 1) : std::string_view("_"));
        }
    }
    void add_number(long number, int width) {
        std::array<char, 20> digits;
        int count = 0;
        do {
            digits[static_cast<std::size_t>(count++)] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0 || count < width);
        while (count > 0)
            add({&digits[static_cast<std::size_t>(--count)], 1});
    }
    void member(std::string_view name, std::string_view value) {
        const bool json = log_form == LogForm::json;
        add(json ? ",\"" : "  ");
        add(name);
        add(json ? "\":\"" : "=");
        add_name(value);
        if (json) add("\"");
    }
    void write_out() const {
        std::size_t written = 0;
        while (written < size_) {
            const ssize_t count =
                ::write(log_descriptor, bytes_.data() + written, size_ - written);
            if (count <= 0) return;
            written += static_cast<std::size_t>(count);
        }
    }

  private:
    std::array<char, 1024> bytes_;
    std::size_t size_ = 0;
};

/// `2026-01-31T09:00:00.250Z` (H. Hinnant's days_from_civil, the other way round): gmtime_r may lock.
void add_now(Line& line) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const long days = now.tv_sec / 86'400 + 719'468;
    const long rest = now.tv_sec % 86'400;
    const long era = days / 146'097;
    const long day_of_era = days % 146'097;
    const long year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const long month_from_march = (5 * day_of_year + 2) / 153;
    const long month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    line.add_number(year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
    line.add("-");
    line.add_number(month, 2);
    line.add("-");
    line.add_number(day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
    line.add("T");
    line.add_number(rest / 3'600, 2);
    line.add(":");
    line.add_number(rest / 60 % 60, 2);
    line.add(":");
    line.add_number(rest % 60, 2);
    line.add(".");
    line.add_number(now.tv_nsec / 1'000'000, 3);
    line.add("Z");
}

void write_last_line(std::string_view signal_name) {
    const PluginCall running = running_call();
    const bool json = log_form == LogForm::json;
    Line line;
    line.add(json ? "{\"time\":\"" : "");
    add_now(line);
    line.add(json ? "\",\"level\":\"error\",\"event\":\"crashed\",\"message\":\""
                  : " error crashed  ");
    line.add(running.plugin.empty() ? "Signalbox crashed, and no plugin was running on this thread"
                                    : "Signalbox crashed while a plugin was running");
    line.add(json ? "\"" : "");
    line.member("signal", signal_name);
    if (!running.plugin.empty()) {
        line.member("plugin", running.plugin);
        line.member("call", running.call);
        if (!running.run.empty()) line.member("run", running.run);
    }
    line.add(json ? "}\n" : "\n");
    line.write_out();
}

extern "C" void on_fault(int signal) {
    for (std::size_t i = 0; i < kFaults.size(); ++i) {
        if (kFaults[i].signal != signal) continue;
        write_last_line(kFaults[i].name);
        sigaction(signal, &before[i], nullptr);
    }
    // Blocked while this runs, so it takes effect at the return, on the faulting instruction's stack.
    raise(signal);
}

}  // namespace

void name_the_plugin_of_a_crash(int descriptor, LogForm form, PluginCall (*running)() noexcept) {
    log_descriptor = descriptor;
    log_form = form;
    running_call = running;
    struct sigaction action = {};
    action.sa_handler = on_fault;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kFaults.size(); ++i)
        sigaction(kFaults[i].signal, &action, &before[i]);
}

}  // namespace signalbox::app
