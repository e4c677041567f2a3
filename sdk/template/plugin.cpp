// A Signalbox target: starts jobs of an Acme service.
#include <string>
#include <string_view>

#include <signalbox/plugin/json.hpp>
#include <signalbox/plugin/retry_after.hpp>
#include <signalbox/plugin/target.hpp>
#include <signalbox/plugin/uri.hpp>

using namespace signalbox::plugin;

namespace {

// What the plugin says of itself. Signalbox checks configs and invocations against it without running
// any of the code below.
constexpr char descriptor[] = R"json({
  "abi": {"major": 1, "minor": 0},
  "id": "acme",
  "version": "0.1.0",
  "license": "Apache-2.0",
  "description": "Starts jobs of an Acme service.",
  "invocation_types": {
    "ACME": {
      "type": "object",
      "properties": {
        "job": {
          "type": "string", "minLength": 1, "maxLength": 100,
          "description": "The job's name."
        }
      },
      "required": ["job"],
      "additionalProperties": false
    }
  },
  "settings": {
    "type": "object",
    "properties": {
      "base_url": {
        "type": "string", "format": "uri", "pattern": "^https?://[^?#]+$",
        "description": "Where the service is, such as https://acme.example."
      },
      "token": {
        "type": "string", "minLength": 1, "x-secret": true,
        "description": "Its access token; write {env: NAME} or {file: PATH}."
      }
    },
    "required": ["base_url"],
    "additionalProperties": false
  },
  "capabilities": ["returns_run_id"],
  "setup": "1. Make an access token in the service, and put it into connection {{connection}}'s settings as token."
})json";

class AcmePlugin final : public Target {
  public:
    // The settings fit the schema above. What they still can be wrong in is said by throwing a Refusal.
    AcmePlugin(std::string_view settings, Host host) : host_(host) {
        const json::Value json = json::parse(settings);
        base_url_ = json["base_url"].text_or("");
        token_ = json["token"].text_or("");
    }

    // The request that starts the run. No I/O here: Signalbox signs, sends, times and records it, and
    // shows it in previews.
    Plan plan(const Run& run, const State&) override {
        const json::Value members = json::parse(run.method);
        Request request =
            Request::post(base_url_ + "/jobs/" + percent_encode(members["job"].text_or("")))
                .with_header("Content-Type", "application/json")
                .with_header("X-Request-Id", std::string(run.delivery_id));
        // A secret's setting is a name; the secret is behind it, and stored and shown as ***.
        if (const auto token = host_.secret(token_))
            request.with_secret_header("Authorization", "Bearer " + *token);
        return request;
    }

    // What the reply means. Say "accepted" only for what proves it, and "no effect" (retryable,
    // throttled, unauthenticated, permanent) only for what proves that.
    Verdict judge(const Run&, const State&, const Response& response) override {
        const int status = response.status;
        if (status == 200 || status == 201 || status == 202) {
            const json::Value reply = json::try_parse(response.body).value_or(json::Value());
            return Verdict::accepted("the service took it")
                .with_external_run(reply["id"].text_or(""), reply["url"].text_or(""));
        }
        if (status == 429) {
            return Verdict::throttled("the service limits the rate")
                .with_retry_after_ms(retry_after_ms(response));
        }
        if (status == 401)
            return Verdict::unauthenticated("the service refuses the token").with_advice("Renew it.");
        if (status >= 300 && status < 500) {
            return Verdict::permanent("the service answered " + std::to_string(status))
                .with_advice("Check base_url and the job's name.");
        }
        return Verdict::effect_unknown("the service answered " + std::to_string(status));
    }

  private:
    Host host_;
    std::string base_url_;
    std::string token_;
};

}  // namespace

SIGNALBOX_PLUGIN(AcmePlugin, descriptor)
