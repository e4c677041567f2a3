#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "plugins/plugin.hpp"
#include "signalbox/plugin/v1.h"

namespace signalbox::plugins {

/// What the host offers to one connection of a plugin: the tables of v1.h's services, and the
/// signalbox_host through which they are asked for. Stays where it is made; any thread.
class Services {
  public:
    /// `log` and `clock` must outlive this, and `info.events` too where there is one.
    Services(std::string plugin, ConnectionInfo info, LogSink& log, const Clock& clock);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    const signalbox_host& host() const { return host_; }

  private:
    static const Services& of(void* context) { return *static_cast<const Services*>(context); }
    static const void* service(void* context, signalbox_text id) noexcept;
    static void write_log(void* context, std::int32_t level, signalbox_text message,
                          const signalbox_field* fields, std::size_t count) noexcept;
    static signalbox_answer read_secret(void* context, signalbox_text name,
                                        void (*take)(void*, signalbox_text), void* taker) noexcept;
    static void count(void* context, signalbox_text event, std::uint64_t amount) noexcept;

    const std::string plugin_;
    const ConnectionInfo info_;
    LogSink& log_;
    const Clock& clock_;
    std::mutex mutex_;
    std::set<std::string, std::less<>> events_;  // that this connection counts; under mutex_
    const signalbox_log_service log_table_;
    const signalbox_clock_service clock_table_;
    const signalbox_secret_service secret_table_;
    const signalbox_metric_service metric_table_;
    const signalbox_host host_;
};

/// Needs no connection: the same table for everybody.
const signalbox_crypto_service& crypto_service();

}  // namespace signalbox::plugins
