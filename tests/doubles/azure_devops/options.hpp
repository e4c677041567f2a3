#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "faults.hpp"
#include "pipeline.hpp"
#include "server.hpp"
#include "webhook.hpp"

namespace azure_standin {

/// The command line cannot be used; the text says why and what is accepted.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Options {
    ServerOptions server;
    std::vector<WebhookConnection> webhooks;
    std::vector<std::string> pipeline_files;
    NamedTexts variables;
    std::vector<Fault> faults;
    std::optional<std::string> received_file;
    bool help = false;
};

/// Takes `--key VALUE` and `--key=VALUE`. Throws UsageError.
Options parse_options(const std::vector<std::string>& arguments);

extern const char* const kUsage;

}  // namespace azure_standin
