#include "options.hpp"

#include <Poco/NumberParser.h>

#include <cstdlib>

namespace azure_standin {

const char* const kUsage =
    R"(azure-standin: stands in for Azure DevOps' incoming webhooks and for the pipelines they start.

  --listen HOST:PORT       where to listen; port 0 takes a free one (default 127.0.0.1:0)
  --webhook NAME           an incoming webhook; --secret, --secret-env and --header that follow are its
  --secret S               its secret
  --secret-env NAME        its secret, from an environment variable
  --header H               the header with the signature; without it nothing is verified
  --pipeline FILE          a pipeline in Azure's YAML, started by the webhooks its resources name
  --variable NAME=VALUE    a pipeline variable; replaces the file's
  --received FILE          appends a line of JSON for each delivery that was taken
  --fault status=N[,retry-after=V][,times=N]
                           answers deliveries so, and does not take them
  --fault hang-after-body[,times=N]
                           takes deliveries and never answers
  --fault reset-after-body[,times=N]
                           takes deliveries and resets the connection
  --delay-reply N[ms|s]    waits before it answers
  --pipeline-before-reply  runs pipelines to their end before it answers
  --verbose                shows requests in full

--webhook, --pipeline, --variable and --fault may be given several times. The first line on standard
output is the URL. GET /_standin/received and /_standin/runs show what happened. Steps inherit the
environment, and $(NAME) in a pipeline finds there what is no variable.
)";

namespace {

// The arguments from left to right, with `--key=VALUE` taken apart.
class Arguments {
  public:
    explicit Arguments(const std::vector<std::string>& all) : all_(all) {}

    bool next() {
        if (value_) throw UsageError(name_ + " takes no value");
        if (at_ == all_.size()) return false;
        name_ = all_[at_++];
        const std::size_t equals = name_.find('=');
        if (name_.rfind("--", 0) == 0 && equals != std::string::npos) {
            value_ = name_.substr(equals + 1);
            name_.resize(equals);
        }
        return true;
    }

    const std::string& name() const { return name_; }

    std::string value() {
        if (!value_ && at_ < all_.size()) value_ = all_[at_++];
        if (!value_) throw UsageError(name_ + " needs a value");
        std::string taken = std::move(*value_);
        value_.reset();
        return taken;
    }

  private:
    const std::vector<std::string>& all_;
    std::size_t at_ = 0;
    std::string name_;
    std::optional<std::string> value_;
};

std::string environment_value(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
        throw UsageError("--secret-env: the environment variable " + name + " is not set or empty");
    }
    return value;
}

std::pair<std::string, std::string> parse_variable(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        throw UsageError("--variable is '" + text + "'; NAME=VALUE is accepted");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

int parse_delay_ms(const std::string& text) {
    constexpr unsigned kDelayMsMax = 3600 * 1000;
    const std::size_t digits = text.find_first_not_of("0123456789");
    const std::string unit = digits == std::string::npos ? "ms" : text.substr(digits);
    unsigned number = 0;
    if ((unit == "ms" || unit == "s") &&
        Poco::NumberParser::tryParseUnsigned(text.substr(0, digits), number) &&
        number <= kDelayMsMax / (unit == "s" ? 1000 : 1)) {
        return static_cast<int>(unit == "s" ? number * 1000 : number);
    }
    throw UsageError("--delay-reply is '" + text + "'; 200ms or 2s is accepted, up to an hour");
}

WebhookConnection new_webhook(const std::string& name,
                              const std::vector<WebhookConnection>& others) {
    constexpr std::string_view accepted =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (name.empty() || name.find_first_not_of(accepted) != std::string::npos) {
        throw UsageError("--webhook is '" + name + "'; letters, digits, - and _ are accepted");
    }
    for (const WebhookConnection& other : others) {
        if (other.name == name) throw UsageError("--webhook " + name + " is given twice");
    }
    return {name, {}, {}};
}

WebhookConnection& last_webhook(Options& options, const std::string& argument) {
    if (options.webhooks.empty()) throw UsageError(argument + " must follow a --webhook");
    return options.webhooks.back();
}

void take(Arguments& arguments, Options& options) {
    const std::string name = arguments.name();
    if (name == "--listen") {
        options.server.listen = arguments.value();
    } else if (name == "--webhook") {
        options.webhooks.push_back(new_webhook(arguments.value(), options.webhooks));
    } else if (name == "--secret") {
        last_webhook(options, name).secret = arguments.value();
    } else if (name == "--secret-env") {
        last_webhook(options, name).secret = environment_value(arguments.value());
    } else if (name == "--header") {
        last_webhook(options, name).header = arguments.value();
    } else if (name == "--pipeline") {
        options.pipeline_files.push_back(arguments.value());
    } else if (name == "--variable") {
        options.variables.push_back(parse_variable(arguments.value()));
    } else if (name == "--received") {
        options.received_file = arguments.value();
    } else if (name == "--fault") {
        options.faults.push_back(parse_fault(arguments.value()));
    } else if (name == "--delay-reply") {
        options.server.reply_delay_ms = parse_delay_ms(arguments.value());
    } else if (name == "--pipeline-before-reply") {
        options.server.pipeline_before_reply = true;
    } else if (name == "--verbose") {
        options.server.verbose = true;
    } else if (name == "--help") {
        options.help = true;
    } else {
        throw UsageError("'" + name + "' is not an option; --help shows them");
    }
}

}  // namespace

Options parse_options(const std::vector<std::string>& all) {
    Options options;
    options.server.listen = "127.0.0.1:0";
    Arguments arguments(all);
    try {
        while (arguments.next())
            take(arguments, options);
    } catch (const std::invalid_argument& error) {
        throw UsageError(std::string("--fault: ") + error.what());
    }
    if (options.help) return options;
    if (options.webhooks.empty()) throw UsageError("--webhook NAME is missing");
    for (const WebhookConnection& webhook : options.webhooks) {
        if (!webhook.header.empty() && webhook.secret.empty()) {
            throw UsageError("--webhook " + webhook.name +
                             " has a --header but no --secret or --secret-env");
        }
    }
    return options;
}

}  // namespace azure_standin
