#pragma once

#include <signalbox/plugin/json.hpp>
#include <signalbox/plugin/target.hpp>
#include <string>
#include <string_view>

/// The company's deploy service as a target that lives in this program: it plans the request and judges the
/// reply. The dispatcher signs, sends, times, retries and records.
class DeployService final : public signalbox::plugin::Target {
  public:
    static constexpr char descriptor[] = R"({
      "abi": {"major": 1, "minor": 0},
      "id": "deploy-service", "version": "1.0.0", "license": "Apache-2.0",
      "description": "Asks the deploy service for a deployment.",
      "invocation_types": {"DEPLOY": {"type": "object", "additionalProperties": false}},
      "settings": {
        "type": "object", "required": ["url"], "additionalProperties": false,
        "properties": {
          "url": {"type": "string", "maxLength": 2048, "description": "Where it takes deployments."}
        }
      },
      "capabilities": [],
      "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true}
    })";

    DeployService(std::string_view settings, signalbox::plugin::Host)
        : url_(signalbox::plugin::json::parse(settings)["url"].text_or("")) {}

    signalbox::plugin::Plan plan(const signalbox::plugin::Run&,
                                 const signalbox::plugin::State&) override {
        return signalbox::plugin::Request::post(url_).with_header("Content-Type", "application/json");
    }

    signalbox::plugin::Verdict judge(const signalbox::plugin::Run&, const signalbox::plugin::State&,
                                     const signalbox::plugin::Response& response) override {
        using signalbox::plugin::Verdict;
        const std::string answered = "the deploy service answered " + std::to_string(response.status);
        if (response.status / 100 == 2) return Verdict::accepted(answered);
        if (response.status == 503) return Verdict::retryable(answered);
        if (response.status / 100 == 4) return Verdict::permanent(answered);
        return Verdict::effect_unknown(answered);
    }

  private:
    std::string url_;
};
