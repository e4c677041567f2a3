#include "plugins/connection.hpp"

#include <utility>

#include "base/limits.hpp"
#include "base/trace.hpp"
#include "json/writer.hpp"
#include "plugins/breadcrumb.hpp"
#include "plugins/credential_collector.hpp"
#include "plugins/request_collector.hpp"
#include "plugins/services.hpp"
#include "plugins/verdict_collector.hpp"

namespace signalbox::plugins {
namespace {

signalbox_text text(std::string_view view) {
    return {view.data(), view.size()};
}

/// Calls into the plugin. A plugin in C++ that does without the SDK's barrier may throw; what
/// arrives here must not unwind the loop.
template <class Call>
signalbox_answer answered(Collector& collector, Call&& call) {
    try {
        return call();
    } catch (...) {
        collector.breach("it let an exception escape");
        return SIGNALBOX_BROKEN;
    }
}

signalbox_run run_of(const RunView& run) {
    return {sizeof(signalbox_run), run.attempt,      text(run.id),        text(run.action),
            text(run.type),        text(run.method), text(run.payload),   text(run.delivery_id),
            text(run.public_url),  run.wall_ms,      text(run.credential)};
}

signalbox_state state_of(const RunView& run) {
    return {sizeof(signalbox_state), run.state_version, text(run.state)};
}

std::vector<signalbox_field> fields_of(const ResponseView& response) {
    std::vector<signalbox_field> fields;
    if (response.headers == nullptr) return fields;
    fields.reserve(response.headers->size());
    for (const auto& [name, value] : *response.headers)
        fields.push_back({text(name), text(value)});
    return fields;
}

signalbox_response reply_of(const ResponseView& response,
                            const std::vector<signalbox_field>& fields) {
    return {sizeof(signalbox_response), response.status, fields.data(), fields.size(),
            text(response.body),        response.wall_ms};
}

signalbox_call call_of(const CallControl& control) {
    return {sizeof(signalbox_call), 0, const_cast<CallControl*>(&control),
            [](void* context) { return static_cast<const CallControl*>(context)->remaining_ms(); },
            [](void* context) -> std::int32_t {
                return static_cast<const CallControl*>(context)->cancelled() ? 1 : 0;
            }};
}

Error not_offered(const char* call) {
    return {"plugin_broken", std::string("this connection has no ") + call + "()", {}};
}

class PluginConnection final : public Connection {
  public:
    PluginConnection(std::shared_ptr<const Functions> functions, std::unique_ptr<Services> services,
                     signalbox_connection* connection)
        : functions_(std::move(functions)),
          services_(std::move(services)),
          connection_(connection) {}

    ~PluginConnection() override {
        ProblemCollector nobody;
        const Breadcrumb breadcrumb(id(), "disconnect");
        answered(nobody, [&] {
            functions_->table.disconnect(connection_);
            return SIGNALBOX_OK;
        });
    }

    Result<PlannedRequest> plan(const RunView& view) override {
        RequestCollector collector;
        const signalbox_run run = run_of(view);
        const signalbox_state state = state_of(view);
        const signalbox_request_writer writer = collector.writer();
        const auto answer = timed("plan", view, collector, [&] {
            return functions_->table.plan(connection_, &run, &state, &writer);
        });
        if (answer == SIGNALBOX_OK) collector.finish();
        if (auto error = collector.conclude(answer, id(), "plan", "plan_refused")) return *error;
        return std::move(collector.request());
    }

    Result<Verdict> judge(const RunView& view, const ResponseView& response) override {
        VerdictCollector collector;
        const signalbox_run run = run_of(view);
        const signalbox_state state = state_of(view);
        const auto fields = fields_of(response);
        const signalbox_response reply = reply_of(response, fields);
        const signalbox_verdict_writer writer = collector.writer();
        const auto answer = timed("judge", view, collector, [&] {
            return functions_->table.judge(connection_, &run, &state, &reply, &writer);
        });
        if (answer == SIGNALBOX_OK) collector.finish();
        if (auto error = collector.conclude(answer, id(), "judge", nullptr)) return *error;
        return std::move(collector.verdict());
    }

    bool blocking() const override { return functions_->blocking != nullptr; }

    Result<Done> check(const RunView& view) override {
        if (functions_->blocking->check == nullptr) return Done{};
        ProblemCollector collector;
        const signalbox_run run = run_of(view);
        const signalbox_problem_writer writer = collector.writer();
        const auto answer = timed("check", view, collector, [&] {
            return functions_->blocking->check(connection_, &run, &writer);
        });
        if (auto error = collector.conclude(answer, id(), "check", "plan_refused")) return *error;
        return Done{};
    }

    Result<Verdict> deliver(const RunView& view, const CallControl& control) override {
        VerdictCollector collector;
        const signalbox_run run = run_of(view);
        const signalbox_state state = state_of(view);
        const signalbox_call call = call_of(control);
        const signalbox_verdict_writer writer = collector.writer();
        const Breadcrumb breadcrumb(id(), "deliver", view.id, view.trace);
        const auto answer = answered(collector, [&] {
            return functions_->blocking->deliver(connection_, &run, &state, &call, &writer);
        });
        if (answer == SIGNALBOX_OK) collector.finish();
        if (auto error = collector.conclude(answer, id(), "deliver", nullptr)) return *error;
        return std::move(collector.verdict());
    }

    bool has_step() const override { return functions_->step != nullptr; }

    Result<PlannedRequest> plan_step(std::int64_t wall_ms) override {
        RequestCollector collector;
        const signalbox_request_writer writer = collector.writer();
        const auto answer = timed("connection step's plan", RunView{}, collector, [&] {
            return functions_->step->plan(connection_, wall_ms, &writer);
        });
        if (answer == SIGNALBOX_OK) collector.finish();
        if (auto error = collector.conclude(answer, id(), "connection step's plan", "plan_refused"))
            return *error;
        if (collector.request().done) {
            return Error{"plugin_broken", "plugin '" + id() +
                                              "' said done() in its connection step, which has "
                                              "to fetch a credential"};
        }
        return std::move(collector.request());
    }

    Result<Credential> judge_step(const ResponseView& response) override {
        CredentialCollector collector;
        const auto fields = fields_of(response);
        const signalbox_response reply = reply_of(response, fields);
        const signalbox_credential_writer writer = collector.writer();
        const auto answer = timed("connection step's judge", RunView{}, collector, [&] {
            return functions_->step->judge(connection_, &reply, &writer);
        });
        if (answer == SIGNALBOX_OK) collector.finish();
        if (auto error = collector.conclude(answer, id(), "connection step's judge", nullptr))
            return *error;
        return std::move(collector.credential());
    }

  private:
    const std::string& id() const { return functions_->descriptor.id; }

    template <class Call>
    signalbox_answer timed(const char* name, const RunView& run, Collector& collector,
                           Call&& call) {
        const std::int64_t begin_us = functions_->clock.steady_us();
        const Breadcrumb breadcrumb(id(), name, run.id, run.trace);
        const signalbox_answer answer = answered(collector, std::forward<Call>(call));
        const std::int64_t took_us = functions_->clock.steady_us() - begin_us;
        if (took_us > limits::plugin_call_us_warn) report_slow(name, run, took_us);
        for (const std::string& what : collector.ignored())
            report_ignored(name, run, what);
        return answer;
    }

    void report_slow(const char* call, const RunView& run, std::int64_t took_us) const {
        functions_->log.write({LogLevel::warning,
                               "plugin_slow",
                               "a plugin held up the delivery loop",
                               {{"plugin", id()},
                                {"call", call},
                                {"run", std::string(run.id)},
                                {"trace", trace_id(run.trace, run.id)},
                                {"took_us", std::to_string(took_us)}}});
    }

    void report_ignored(const char* call, const RunView& run, const std::string& what) const {
        functions_->log.write(
            {LogLevel::warning,
             "plugin_ignored",
             "a plugin said something that was left out",
             {{"plugin", id()},
              {"call", call},
              {"run", std::string(run.id)},
              {"trace", trace_id(run.trace, run.id)},
              {"what", what}}});
    }

    std::shared_ptr<const Functions> functions_;
    std::unique_ptr<Services> services_;  // the plugin holds its host until disconnect()
    signalbox_connection* connection_;
};

}  // namespace

Result<Done> Connection::check(const RunView&) {
    return not_offered("check");
}

Result<Verdict> Connection::deliver(const RunView&, const CallControl&) {
    return not_offered("deliver");
}

Result<PlannedRequest> Connection::plan_step(std::int64_t) {
    return not_offered("connection step");
}

Result<Credential> Connection::judge_step(const ResponseView&) {
    return not_offered("connection step");
}

const signalbox_host& plugin_host() {
    static constexpr signalbox_host host = {
        sizeof(signalbox_host), SIGNALBOX_ABI_MINOR, nullptr,
        [](void*, signalbox_text id) -> const void* {
            const std::string_view name(id.data, id.size);
            return name == SIGNALBOX_CRYPTO_SERVICE ? &crypto_service() : nullptr;
        }};
    return host;
}

Result<std::unique_ptr<Connection>> connect_through(std::shared_ptr<const Functions> functions,
                                                    const json::Value& settings,
                                                    ConnectionInfo info) {
    ProblemCollector collector;
    const signalbox_problem_writer writer = collector.writer();
    auto services = std::make_unique<Services>(functions->descriptor.id, std::move(info),
                                               functions->log, functions->clock);
    const std::string settings_text = json::write(settings);
    signalbox_connection* connection = nullptr;
    const Breadcrumb breadcrumb(functions->descriptor.id, "connect");
    const auto answer = answered(collector, [&] {
        return functions->table.connect(&services->host(), text(settings_text), &connection,
                                        &writer);
    });
    if (answer == SIGNALBOX_OK && connection == nullptr) {
        collector.breach("it answered OK without a connection");
    }
    if (auto error =
            collector.conclude(answer, functions->descriptor.id, "connect", "connection_refused")) {
        // A connection that came with a breach is the plugin's to free, like any other.
        if (answer == SIGNALBOX_OK && connection != nullptr) {
            functions->table.disconnect(connection);
        }
        return *std::move(error);
    }
    return std::unique_ptr<Connection>(
        std::make_unique<PluginConnection>(std::move(functions), std::move(services), connection));
}

}  // namespace signalbox::plugins
