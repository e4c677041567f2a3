#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "payload.hpp"

namespace azure_standin {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// One condition a payload must meet, by string equality.
struct Filter {
    PayloadPath path;
    std::string path_text;
    std::string value;
};

/// An entry of `resources.webhooks`. The alias is the webhook's name.
struct Trigger {
    std::string webhook;
    std::vector<Filter> filters;
};

enum class Condition { succeeded, failed, always };

/// A `script` or `bash` step. Its texts may hold `${{ … }}` in a Pipeline, and never in a RunPlan.
struct Step {
    std::string shell;  ///< sh or bash
    std::string script;
    std::string display_name;
    NamedTexts env;
    bool continue_on_error = false;
    Condition condition = Condition::succeeded;
};

/// A pipeline file as read.
struct Pipeline {
    std::string file;
    std::vector<Trigger> triggers;
    NamedTexts variables;
    std::vector<Step> steps;
};

/// What one event makes of a pipeline: all texts expanded.
struct RunPlan {
    std::string pipeline;
    std::string webhook;
    NamedTexts variables;
    std::vector<Step> steps;
};

/// Reads a pipeline file. Throws FileError when the file cannot be read or holds anything outside
/// the subset: what the stand-in does not do must not look as if it were done.
Pipeline load_pipeline(const std::string& file);

/// Why an event starts no run: a filter that does not hold, or an invalid expansion.
struct NoRun {
    std::string reason;
};
std::variant<RunPlan, NoRun> plan_run(const Pipeline& pipeline, const Trigger& trigger,
                                      const Payload& payload, const NamedTexts& overrides);

}  // namespace azure_standin
