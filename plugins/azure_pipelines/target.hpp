#pragma once

#include <string_view>

#include "settings.hpp"
#include "signalbox/plugin/target.hpp"

namespace azure_pipelines {

/// An Azure DevOps organization whose incoming webhooks start pipelines.
///
/// Azure answers 200 as soon as it has queued the event: no run id, no word on whether a pipeline's
/// filters match, and a repeated POST may start a second run. So a 200 is `accepted` and nothing
/// more, and every reply that does not prove the absence of an effect is `effect_unknown`.
class Target final : public signalbox::plugin::Target {
  public:
    Target(std::string_view settings, signalbox::plugin::Host host);

    signalbox::plugin::Plan plan(const signalbox::plugin::Run& run,
                                 const signalbox::plugin::State& state) override;
    signalbox::plugin::Verdict judge(const signalbox::plugin::Run& run,
                                     const signalbox::plugin::State& state,
                                     const signalbox::plugin::Response& response) override;

  private:
    Settings settings_;
};

}  // namespace azure_pipelines
