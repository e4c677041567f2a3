// Starts GitLab pipelines: Port's GITLAB method.
#include <string>
#include <string_view>

#include <signalbox/plugin/json.hpp>
#include <signalbox/plugin/retry_after.hpp>
#include <signalbox/plugin/target.hpp>
#include <signalbox/plugin/uri.hpp>

using namespace signalbox::plugin;

namespace {

constexpr char descriptor[] = R"json({
  "abi": {"major": 1, "minor": 0},
  "id": "gitlab-pipeline",
  "version": "1.0.0",
  "license": "Apache-2.0",
  "description": "Starts pipelines of a GitLab project.",
  "invocation_types": {
    "GITLAB": {
      "type": "object",
      "properties": {
        "projectName": {
          "type": "string", "minLength": 1, "maxLength": 255,
          "description": "The project's path within its group."
        },
        "groupName": {
          "type": "string", "minLength": 1, "maxLength": 1024,
          "description": "The group's path, with its parents: platform/tools."
        },
        "defaultRef": {
          "type": "string", "minLength": 1, "maxLength": 255, "default": "main",
          "description": "The branch or tag that the pipeline runs on."
        },
        "pipelineVariables": {
          "type": "object",
          "description": "Variables of the pipeline, by name."
        }
      },
      "required": ["projectName", "groupName"],
      "additionalProperties": false
    }
  },
  "settings": {
    "type": "object",
    "properties": {
      "base_url": {
        "type": "string", "format": "uri", "pattern": "^https?://[^?#]+[^/?#]$",
        "default": "https://gitlab.com",
        "description": "The GitLab server, without a slash at its end."
      },
      "token": {
        "type": "string", "minLength": 1, "x-secret": true,
        "description": "A project or group access token with the scope api."
      }
    },
    "required": ["token"],
    "additionalProperties": false
  },
  "capabilities": ["returns_run_id"],
  "setup": "1. In the project {{method.groupName}}/{{method.projectName}}, make an access token with the role Developer and the scope api.\n2. Give it to connection {{connection}} as settings.token.\n3. At its end, let the pipeline report: PATCH {{public_url}}/v1/actions/runs/$SIGNALBOX_RUN_ID.\n"
})json";

/// A string as JSON.
std::string quoted(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            out += '\\';
            out += letter;
        } else if (byte < 0x20) {
            out.append("\\u00").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
        } else {
            out += letter;
        }
    }
    return out + '"';
}

std::string variable(const std::string& name, std::string_view value) {
    return "{\"key\":" + quoted(name) + ",\"value\":" + quoted(value) + "}";
}

class GitlabPipeline final : public Target {
  public:
    GitlabPipeline(std::string_view settings, Host host) : host_(host) {
        const json::Value json = json::parse(settings);
        base_url_ = json["base_url"].text_or("https://gitlab.com");
        token_ = json["token"].text_or("");
    }

    Plan plan(const Run& run, const State&) override {
        const json::Value members = json::parse(run.method);
        const std::string project =
            members["groupName"].text_or("") + "/" + members["projectName"].text_or("");
        const auto token = host_.secret(token_);
        if (!token) throw Refusal("", "the connection's token is not to be had");
        return Request::post(base_url_ + "/api/v4/projects/" + percent_encode(project) +
                             "/pipeline")
            .with_header("Content-Type", "application/json")
            .with_secret_header("PRIVATE-TOKEN", *token)
            .with_body("{\"ref\":" + quoted(members["defaultRef"].text_or("main")) +
                       ",\"variables\":" + variables(run, members["pipelineVariables"]) + "}");
    }

    Verdict judge(const Run&, const State&, const Response& response) override {
        switch (response.status) {
            case 201: {
                const json::Value made = json::try_parse(response.body).value_or(json::Value());
                return Verdict::accepted("GitLab made the pipeline")
                    .with_external_run(std::to_string(made["id"].integer_or(0)),
                                       made["web_url"].text_or(""));
            }
            case 401:
                return Verdict::unauthenticated("GitLab refuses the token")
                    .with_advice("Renew the connection's token.");
            case 403:
                return Verdict::permanent("the token may not start this project's pipelines")
                    .with_advice("Give it the role Developer; on a protected branch, Maintainer.");
            case 404:
                return Verdict::permanent("GitLab knows no such project")
                    .with_advice("Check groupName and projectName, and that the token may see it.");
            case 429:
                return Verdict::throttled("GitLab limits the rate of requests")
                    .with_retry_after_ms(retry_after_ms(response));
            default:
                break;
        }
        const std::string answered = "GitLab answered " + std::to_string(response.status);
        if (response.status >= 300 && response.status < 500) {
            return Verdict::permanent(answered)
                .with_advice("Check that defaultRef exists and that .gitlab-ci.yml has jobs for it.");
        }
        return Verdict::effect_unknown(answered)
            .with_advice("Look at the project's pipelines before you redeliver.");
    }

  private:
    /// GitLab's variables are texts. The run's id goes along, for the pipeline to report with.
    static std::string variables(const Run& run, const json::Value& given) {
        std::string list = "[" + variable("SIGNALBOX_RUN_ID", run.id);
        for (const auto& [name, value] : given.members()) {
            if (!value.is_string())
                throw Refusal("/pipelineVariables/" + name, "must be a text; put quotes around it");
            list += "," + variable(name, value.text_or(""));
        }
        return list + "]";
    }

    Host host_;
    std::string base_url_;
    std::string token_;
};

}  // namespace

SIGNALBOX_PLUGIN(GitlabPipeline, descriptor)
