#ifndef SIGNALBOX_PLUGIN_TARGET_HPP
#define SIGNALBOX_PLUGIN_TARGET_HPP

#include <string_view>

#include "signalbox/plugin/types.hpp"

/// The C++17 layer over v1.h: header-only, compiled into the plugin, standard library only.
///
///     class Acme final : public signalbox::plugin::Target {
///       public:
///         Acme(std::string_view settings, signalbox::plugin::Host host);
///         Plan plan(const Run& run, const State& state) override;
///         Verdict judge(const Run& run, const State& state, const Response& response) override;
///     };
///
///     SIGNALBOX_PLUGIN(Acme, R"({"abi": {"major": 1, "minor": 0}, "id": "acme", …})")
namespace signalbox::plugin {

/// What this host offers. A value, copied freely; valid as long as the plugin is loaded.
class Host {
  public:
    Host() = default;
    explicit Host(const signalbox_host* host) : host_(host) {}

    /// The table of a service such as "signalbox.log/1", or null where this host has none: a target
    /// must live without it. [control, loop]
    const void* service(std::string_view id) const {
        if (host_ == nullptr || host_->service == nullptr) return nullptr;
        return host_->service(host_->context, {id.data(), id.size()});
    }

  private:
    const signalbox_host* host_ = nullptr;
};

/// One configured connection to a target. Made from the settings' JSON text, which already
/// satisfies the descriptor's schema, and a Host; throws Refusal if it cannot serve them.
///
/// plan() and judge() run on the delivery loop: they do no I/O, return within a few milliseconds,
/// and are pure, because preview, delivery and recovery all call them. What must be remembered
/// between steps goes into the verdict's state. One thread at a time for each target.
class Target {
  public:
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;

    /// The next request of the run, or Plan::done(). Throws Refusal if the invocation cannot be
    /// served.
    virtual Plan plan(const Run& run, const State& state) = 0;

    /// What a whole reply means. Broken exchanges never come here: the host judges those.
    virtual Verdict judge(const Run& run, const State& state, const Response& response) = 0;
};

}  // namespace signalbox::plugin

#include "signalbox/plugin/export.hpp"

#endif
