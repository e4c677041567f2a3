#include "plugins/breadcrumb.hpp"

#include <atomic>

namespace signalbox {
namespace {

// Static storage of the thread: a handler that reads it must not be the first to allocate it.
[[gnu::tls_model("initial-exec")]] constinit thread_local PluginCall current;
constinit thread_local std::string_view current_trace;

}  // namespace

PluginCall running_plugin_call() noexcept {
    return current;
}

namespace plugins {

Breadcrumb::Breadcrumb(std::string_view plugin, std::string_view call,
                       std::string_view run, std::string_view trace) noexcept
    : before_(current), trace_before_(current_trace) {
    current = {plugin, call, run};
    current_trace = trace;
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

Breadcrumb::~Breadcrumb() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    current = before_;
    current_trace = trace_before_;
}

std::string_view running_trace() noexcept {
    return current_trace;
}

}  // namespace plugins
}  // namespace signalbox
