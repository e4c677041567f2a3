#pragma once

#include <string>
#include <string_view>

#include "settings.hpp"
#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/target.hpp"

namespace webhook {

/// Any service that takes a request at a URL.
///
/// Nothing is known of what is behind the URL, so a reply is read as HTTP means it: a 2xx took it, a 4xx
/// did not, and after a 5xx nobody knows.
class Target final : public signalbox::plugin::Target {
  public:
    Target(std::string_view settings, signalbox::plugin::Host host);

    signalbox::plugin::Plan plan(const signalbox::plugin::Run& run,
                                 const signalbox::plugin::State& state) override;
    signalbox::plugin::Verdict judge(const signalbox::plugin::Run& run,
                                     const signalbox::plugin::State& state,
                                     const signalbox::plugin::Response& response) override;

  private:
    /// What the action's method says. An action without expressions in it says the same of every run.
    const signalbox::plugin::json::Value& members_of(const signalbox::plugin::Run& run);
    void add_headers(signalbox::plugin::Request& request, const signalbox::plugin::Run& run,
                     const signalbox::plugin::json::Value& headers) const;

    Settings settings_;
    signalbox::plugin::Host host_;
    std::string method_;  // what members_ was read from
    signalbox::plugin::json::Value members_;
};

}  // namespace webhook
