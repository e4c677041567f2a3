#include "app/client/invoke.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "app/client/api.hpp"
#include "app/client/approval.hpp"
#include "app/client/inputs.hpp"
#include "app/client/json.hpp"
#include "app/client/render.hpp"
#include "app/client/wait.hpp"
#include "app/files.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 255;

int refuse(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return exit_code::usage;
}

std::string action_path(const Options& options) {
    return "/v1/actions/" + percent_encode(options.arguments()[0]);
}

/// The body for the server, converted by the types that the action declares. A caller who may
/// invoke but not view is not told them, and the values are then taken for what they look like.
Result<std::string> typed_body(const Inputs& inputs, const Options& options, Api& api) {
    if (inputs.named.empty()) return invocation_body(inputs, nullptr);
    auto reply = api.call("GET", action_path(options) + identity_query(options));
    if (!reply) return reply.error();
    if (reply->status == 403) return invocation_body(inputs, nullptr);
    if (reply->status / 100 != 2) return api.error_of(*reply);
    return invocation_body(inputs, object_at(reply->json, "action"));
}

struct InvokeOptions {
    std::string idempotency_key;
    bool wait = false;
    std::optional<std::int64_t> timeout_ms;
};

Result<InvokeOptions> read_invoke_options(const Options& options) {
    InvokeOptions read;
    read.wait = options.has("wait");
    if (const auto timeout = options.value("timeout")) {
        if (!read.wait) return Error{"usage", "--timeout is for --wait, which is not given"};
        const auto parsed_ms = parse_duration_ms(*timeout);
        if (!parsed_ms) return Error{"usage", "--timeout: " + parsed_ms.error().message};
        read.timeout_ms = *parsed_ms;
    }
    if (const auto key = options.value("idempotency-key")) {
        const bool visible =
            std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c <= '~'; });
        if (key->empty() || key->size() > kIdempotencyKeyBytesMax || !visible) {
            return Error{"usage",
                         "--idempotency-key takes 1 to 255 printable ASCII characters without "
                         "blanks"};
        }
        read.idempotency_key = *key;
    }
    return read;
}

Error explain_lost_reply(Error error, const Options& options, bool has_key) {
    if (error.code != "reply_lost") return error;
    error.message += "; it is not known whether the invocation was accepted: ";
    error.message += has_key
                         ? "the same command again is safe, by its idempotency key"
                         : "look with `signalbox runs list --action " + options.arguments()[0] +
                               "` before you repeat it; with --idempotency-key a repeat is safe";
    return error;
}

void show_outcome(const ApiReply& reply, bool as_json, const Context& context) {
    if (as_json) {
        context.out << reply.text << '\n';
    } else {
        print_outcome(context.out, object_at(reply.json, "run"));
    }
}

Result<Preview> preview_offline(const Options& options, const Inputs& inputs, const Tools& tools) {
    const auto config = config_file(options);
    if (!config) return config.error();
    const std::string& action = options.arguments()[0];
    auto preview = tools.core.preview(*config, action, invocation_body(inputs, nullptr));
    if (preview) return preview;
    // Nobody could be asked for the declared types. An input that was refused as what it looks like
    // (the version 1.10 as a number) may be meant as text.
    std::set<std::string> as_text;
    for (const Detail& detail : preview.error().details) {
        for (const Input& input : inputs.named) {
            if (detail.pointer == "/properties/" + input.name) as_text.insert(input.name);
        }
    }
    if (as_text.empty()) return preview;
    return tools.core.preview(*config, action, invocation_body(inputs, nullptr, as_text));
}

/// As the server's reply: {"ok", "request": {"method", "url", "headers", "body"}}.
std::string preview_json(const Preview& preview) {
    std::string headers;
    std::istringstream lines(preview.headers);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const std::size_t colon = line.find(": ");
        if (colon == line.npos) continue;
        headers += (headers.empty() ? "{\"name\":" : ",{\"name\":") +
                   json_string(line.substr(0, colon)) +
                   ",\"value\":" + json_string(line.substr(colon + 2)) + "}";
    }
    return "{\"ok\":true,\"request\":{\"method\":" + json_string(preview.method) +
           ",\"url\":" + json_string(preview.url) + ",\"headers\":[" + headers +
           "],\"body\":" + json_string(preview.body) + "}}";
}

int print_offline(const Options& options, const Inputs& inputs, const Tools& tools) {
    if (options.has("server")) {
        return refuse(tools, Error{"usage", "--offline asks no server; leave --server out"});
    }
    const auto preview = preview_offline(options, inputs, tools);
    if (!preview) return refuse(tools, preview.error());
    std::ostream& out = tools.context.out;
    if (options.has("json")) {
        out << preview_json(*preview) << '\n';
        return exit_code::success;
    }
    out << preview->method << ' ' << preview->url << '\n'
        << preview->headers << '\n'
        << preview->body;
    if (tools.context.out_is_terminal && !preview->body.ends_with('\n')) out << '\n';
    return exit_code::success;
}

}  // namespace

int run_invoke(const Options& options, const Tools& tools) {
    const Context& context = tools.context;
    const auto wanted = read_invoke_options(options);
    if (!wanted) return refuse(tools, wanted.error());
    const auto inputs = read_inputs(options, context.in);
    if (!inputs) return refuse(tools, inputs.error());
    auto api = Api::from(options, tools);
    if (!api) return refuse(tools, api.error());
    const auto body = typed_body(*inputs, options, *api);
    if (!body) return refuse(tools, body.error());

    auto accepted =
        api->ask("POST", action_path(options) + "/runs" + identity_query(options), *body,
                 wanted->idempotency_key);
    if (!accepted) {
        const bool has_key = !wanted->idempotency_key.empty();
        return refuse(tools, explain_lost_reply(accepted.error(), options, has_key));
    }
    const bool as_json = options.has("json");
    if (!wanted->wait) {
        show_outcome(*accepted, as_json, context);
        return exit_code::success;
    }
    const std::string id = text_at(object_at(accepted->json, "run"), "id");
    const auto waited = wait_for_end(*api, std::move(*accepted), wanted->timeout_ms, context);
    if (!waited) {
        context.err << "the run " << one_line(id) << " was accepted, but cannot be followed\n";
        return refuse(tools, waited.error());
    }
    show_outcome(waited->last, as_json, context);
    if (waited->code == exit_code::timeout) {
        context.err << "its end was not seen in time; it goes on: signalbox runs show "
                    << one_line(id) << '\n';
    }
    return waited->code;
}

int run_preview(const Options& options, const Tools& tools) {
    const auto inputs = read_inputs(options, tools.context.in);
    if (!inputs) return refuse(tools, inputs.error());
    if (options.has("offline")) return print_offline(options, *inputs, tools);
    if (options.has("config")) {
        return refuse(tools, Error{"usage", "--config is for --offline, which is not given"});
    }
    auto api = Api::from(options, tools);
    if (!api) return refuse(tools, api.error());
    const auto body = typed_body(*inputs, options, *api);
    if (!body) return refuse(tools, body.error());
    const auto reply = api->ask("POST", action_path(options) + "/preview" + identity_query(options), *body);
    if (!reply) return refuse(tools, reply.error());
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
        return exit_code::success;
    }
    print_request(tools.context.out, object_at(reply->json, "request"),
                  tools.context.out_is_terminal);
    return exit_code::success;
}

}  // namespace signalbox::app
