#pragma once

#include <map>
#include <memory>
#include <string>

#include "signalbox/dispatcher.hpp"
#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/target.hpp"
#include "support/world.hpp"

namespace signalbox::test {

/// A target of the host's own, as a user writes one: 2xx is accepted, 503 retryable, the rest unknown.
class HostTarget final : public plugin::Target {
  public:
    static constexpr char descriptor[] = R"({
      "abi": {"major": 1, "minor": 0}, "id": "host-target", "version": "1.0.0",
      "license": "Apache-2.0", "description": "a target of the host's own",
      "invocation_types": {"HOST": {"type": "object", "additionalProperties": false}},
      "settings": {"type": "object", "required": ["url"], "additionalProperties": false,
                   "properties": {
                     "url": {"type": "string", "description": "where it listens"},
                     "refuse": {"type": "boolean", "description": "refuses to connect"}}},
      "capabilities": [],
      "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true}})";

    HostTarget(std::string_view settings, plugin::Host) {
        const auto read = plugin::json::parse(settings);
        url_ = read["url"].text_or("");
        if (read["refuse"].bool_or(false)) throw plugin::Refusal("/refuse", "asked to refuse");
    }
    plugin::Plan plan(const plugin::Run&, const plugin::State&) override {
        if (asked_while_planning) asked_while_planning();
        return plugin::Request::post(url_).with_header("Content-Type", "application/json");
    }
    plugin::Verdict judge(const plugin::Run&, const plugin::State&,
                          const plugin::Response& response) override {
        const std::string answered = "answered " + std::to_string(response.status);
        if (response.status / 100 == 2) return plugin::Verdict::accepted(answered);
        return plugin::Verdict::effect_unknown(answered);
    }

    static inline std::function<void()> asked_while_planning;

  private:
    std::string url_;
};

inline constexpr signalbox_plugin_entry host_target =
    &plugin::entry<HostTarget, HostTarget::descriptor>;

class MapSecrets final : public SecretSource {
  public:
    std::map<std::string, std::string> known = {{"KEY", "azure-secret"}};
    Result<std::string> read(const SecretName& name) override {
        const auto found = known.find(name.env);
        if (found == known.end()) return Error{"missing", "the vault has no " + name.env};
        return found->second;
    }
};

inline ActionDocument host_action(const std::string& identifier = "deploy") {
    return {identifier + ".yaml", "identifier: " + identifier + R"(
trigger:
  type: self-service
  operation: DAY-2
  userInputs:
    properties: { name: { type: string } }
    required: [ name ]
invocationMethod:
  type: HOST
  payload: { name: "{{ .inputs.name }}" }
)"};
}

/// Settings with the host's own target at `url`, and a journal in `folder`.
inline Settings host_settings(const std::filesystem::path& folder, const std::string& url) {
    Settings settings;
    settings.journal = (folder / "data").string();
    settings.listen = "127.0.0.1:0";
    ConnectionSettings connection;
    connection.name = "own";
    connection.plugin = "host-target";
    connection.settings = "{\"url\": " + plugin::json::quote(url) + "}";
    connection.signing.emplace();
    connection.signing->key = SecretName{"KEY", ""};
    connection.egress_allow = {"127.0.0.0/8"};
    settings.connections = {connection};
    settings.actions = {host_action()};
    return settings;
}

inline std::string webhook_of(const World& world) {
    return world.standin_url() +
           "/contoso/_apis/public/distributedtask/webhooks/release?api-version=6.0-preview";
}

/// A dispatcher with the host's own target, and what it was given.
struct Host {
    Folder folder;
    MapSecrets secrets;
    std::unique_ptr<Dispatcher> dispatcher;

    Seams seams() {
        Seams seams;
        seams.secrets = &secrets;
        seams.listen = false;
        seams.add_plugin(host_target);
        return seams;
    }
    /// Throws what went wrong.
    Dispatcher& start(const std::string& url) {
        auto made = Dispatcher::from_settings(host_settings(folder.path(), url), seams());
        if (!made) throw std::runtime_error(made.error().message);
        dispatcher = std::move(*made);
        if (auto started = dispatcher->start(); !started)
            throw std::runtime_error(started.error().message);
        return *dispatcher;
    }
};

/// Nobody listens there: every attempt fails before it has an effect.
inline std::string nowhere() {
    return "http://127.0.0.1:" + std::to_string(free_port()) + "/";
}

}  // namespace signalbox::test
