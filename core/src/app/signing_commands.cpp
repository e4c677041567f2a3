#include <ostream>

#include "app/files.hpp"
#include "app/local_commands.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::size_t kSignedBytesMax = 64 * 1024 * 1024;
constexpr std::string_view kToleranceDefault = "300s";

int fail_usage(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return exit_code::usage;
}

/// What sign and verify have in common.
struct Signed {
    std::string scheme;
    std::string key;
    std::string body;
    std::string id;
};

Result<std::string> read_key(const Options& options, const Context& context) {
    const auto literal = options.value("key");
    const auto variable = options.value("key-env");
    if (literal.has_value() == variable.has_value()) {
        return Error{"usage",
                     "give the key once: --key-env NAME (or --key KEY, which other users of "
                     "this machine may see)"};
    }
    if (literal && literal->empty()) return Error{"usage", "--key is empty"};
    if (literal) return *literal;
    const auto key = context.environment(*variable);
    if (!key || key->empty()) {
        return Error{"usage", "the environment variable '" + *variable +
                                  "' that --key-env names is " + (key ? "empty" : "not set")};
    }
    return *key;
}

Result<Signed> read_signed(const Options& options, const Context& context) {
    const auto scheme = options.value("scheme");
    if (!scheme) return Error{"usage", "--scheme is missing"};
    const auto key = read_key(options, context);
    if (!key) return key.error();
    const auto& files = options.arguments();
    const auto body = read_bytes(files.empty() ? "-" : files[0], context.in, kSignedBytesMax);
    if (!body) return body.error();
    return Signed{*scheme, *key, *body, options.value_or("id", "")};
}

std::int64_t now_s(const Context& context) {
    return context.clock.wall_ms() / 1000;
}

/// Whole seconds only: half a second would become 0, which means that any timestamp is accepted.
Result<std::int64_t> parse_tolerance_s(const Options& options) {
    const auto duration_ms = parse_duration_ms(options.value_or("tolerance", kToleranceDefault));
    if (!duration_ms) return Error{"usage", "--tolerance: " + duration_ms.error().message};
    if (*duration_ms % 1000 != 0) return Error{"usage", "--tolerance takes whole seconds"};
    return *duration_ms / 1000;
}

}  // namespace

int run_sign(const Options& options, const Tools& tools) {
    std::int64_t timestamp_s = now_s(tools.context);
    if (const auto given = options.value("timestamp")) {
        const auto parsed = parse_count(*given);
        if (!parsed)
            return fail_usage(tools, Error{"usage", "--timestamp: " + parsed.error().message});
        timestamp_s = *parsed;
    }
    const auto what = read_signed(options, tools.context);
    if (!what) return fail_usage(tools, what.error());
    if (what->scheme == "standard-webhooks" && what->id.empty()) {
        return fail_usage(tools,
                          Error{"usage", "standard-webhooks signs the message's id: --id ID"});
    }
    const auto value = tools.core.sign(what->scheme, what->key, what->body, timestamp_s, what->id);
    if (!value) return fail_usage(tools, value.error());
    if (options.has("json")) {
        tools.context.out << "{\"ok\":true,\"signature\":" << json_string(*value);
        if (what->scheme == "port-v1" || what->scheme == "standard-webhooks")
            tools.context.out << ",\"timestamp\":" << timestamp_s;
        tools.context.out << "}\n";
    } else {
        tools.context.out << *value << '\n';
    }
    return exit_code::success;
}

int run_verify(const Options& options, const Tools& tools) {
    const auto signature = options.value("signature");
    if (!signature) return fail_usage(tools, Error{"usage", "--signature is missing"});
    const auto tolerance_s = parse_tolerance_s(options);
    if (!tolerance_s) return fail_usage(tools, tolerance_s.error());
    const auto what = read_signed(options, tools.context);
    if (!what) return fail_usage(tools, what.error());
    const auto verified = tools.core.verify(what->scheme, what->key, what->body, *signature,
                                            options.value_or("timestamp", ""), what->id,
                                            now_s(tools.context), *tolerance_s);
    const bool judged = verified || verified.error().code == "signature_invalid";
    if (options.has("json") && judged) {
        tools.context.out << "{\"ok\":true,\"valid\":" << (verified ? "true" : "false")
                          << ",\"reason\":"
                          << (verified ? "null" : json_string(verified.error().message)) << "}\n";
    } else if (verified) {
        tools.context.out << "the signature is valid\n";
    } else {
        print_error(tools.context.err, verified.error());
    }
    if (verified) return exit_code::success;
    return judged ? exit_code::failure : exit_code::usage;
}

}  // namespace signalbox::app
