#ifndef SIGNALBOX_PLUGIN_TARGET_HPP
#define SIGNALBOX_PLUGIN_TARGET_HPP

#include <string_view>

#include "signalbox/plugin/blocking.hpp"
#include "signalbox/plugin/connection_step.hpp"
#include "signalbox/plugin/host.hpp"
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
