#include <fstream>
#include <initializer_list>
#include <sstream>

#include "expression.hpp"
#include "pipeline.hpp"
#include "yaml_node.hpp"

namespace azure_standin {
namespace {

class PipelineReader {
  public:
    explicit PipelineReader(std::string file) { pipeline_.file = std::move(file); }

    Pipeline read(const YamlNode& root) {
        accept_only(
            root, "a pipeline",
            {"trigger", "pr", "name", "pool", "resources", "variables", "steps", "jobs", "stages"});
        must_be_none(root, "trigger");
        must_be_none(root, "pr");
        if (const YamlNode* resources = root.member("resources")) read_resources(*resources);
        if (pipeline_.triggers.empty()) {
            fail(root.line, "no webhook starts this pipeline; add resources.webhooks");
        }
        read_body(root, {"steps", "jobs", "stages"});
        return std::move(pipeline_);
    }

  private:
    [[noreturn]] void fail(std::size_t line, const std::string& message) const {
        throw FileError(pipeline_.file, line, message);
    }

    void accept_only(const YamlNode& node, const std::string& where,
                     std::initializer_list<std::string_view> names) const {
        std::string accepted;
        for (const std::string_view name : names) {
            if (!accepted.empty()) accepted += ", ";
            accepted += name;
        }
        if (node.kind != YamlNode::Kind::mapping) {
            fail(node.line, where + " must be a mapping with: " + accepted);
        }
        for (const YamlMember& member : node.members) {
            bool known = false;
            for (const std::string_view name : names)
                known = known || member.name == name;
            if (known) continue;
            fail(member.line, "'" + member.name + "' is not supported by the stand-in in " + where +
                                  "; supported: " + accepted);
        }
    }

    const std::string& text(const YamlNode& node, const std::string& what) const {
        if (node.kind != YamlNode::Kind::scalar) fail(node.line, what + " must be text");
        return node.text;
    }

    const std::string& template_text(const YamlNode& node, const std::string& what) const {
        if (const auto problem = template_problem(text(node, what))) fail(node.line, *problem);
        return node.text;
    }

    const std::vector<YamlNode>& list(const YamlNode& node, const std::string& what) const {
        if (node.kind != YamlNode::Kind::sequence) fail(node.line, what + " must be a list");
        return node.items;
    }

    const YamlNode& required(const YamlNode& node, std::string_view name) const {
        const YamlNode* found = node.member(name);
        if (found == nullptr) fail(node.line, "'" + std::string(name) + "' is missing");
        return *found;
    }

    void must_be_none(const YamlNode& root, const std::string& name) const {
        const YamlNode* found = root.member(name);
        if (found != nullptr && text(*found, name) != "none") {
            fail(found->line, "only '" + name + ": none' is supported; webhooks start runs here");
        }
    }

    void read_resources(const YamlNode& resources) {
        accept_only(resources, "resources", {"webhooks"});
        for (const YamlNode& item : list(required(resources, "webhooks"), "webhooks")) {
            accept_only(item, "a webhook resource", {"webhook", "connection", "filters"});
            Trigger trigger{text(required(item, "webhook"), "webhook"), {}};
            text(required(item, "connection"), "connection");
            if (const YamlNode* filters = item.member("filters")) {
                for (const YamlNode& filter : list(*filters, "filters")) {
                    trigger.filters.push_back(read_filter(filter));
                }
            }
            pipeline_.triggers.push_back(std::move(trigger));
        }
    }

    Filter read_filter(const YamlNode& node) const {
        accept_only(node, "a filter", {"path", "value"});
        Filter filter;
        filter.path_text = text(required(node, "path"), "path");
        filter.value = text(required(node, "value"), "value");
        const std::optional<PayloadPath> path = parse_payload_path(filter.path_text);
        if (!path) {
            fail(node.line, "'" + filter.path_text + "' is not a path such as properties.env");
        }
        filter.path = *path;
        return filter;
    }

    // A pipeline, a single stage and a single job differ only in the names of what they may hold.
    void read_body(const YamlNode& node, std::initializer_list<std::string_view> contents) {
        if (const YamlNode* variables = node.member("variables")) read_variables(*variables);
        const YamlNode* body = nullptr;
        std::string_view body_name;
        for (const std::string_view name : contents) {
            const YamlNode* found = node.member(name);
            if (found == nullptr) continue;
            if (body != nullptr)
                fail(found->line, "only one of steps, jobs and stages may stand here");
            body = found;
            body_name = name;
        }
        if (body == nullptr) fail(node.line, "'" + std::string(*contents.begin()) + "' is missing");
        const std::vector<YamlNode>& items = list(*body, std::string(body_name));
        if (body_name == "steps") {
            for (const YamlNode& item : items)
                read_step(item);
            if (pipeline_.steps.empty()) fail(body->line, "there is no step to run");
            return;
        }
        if (items.size() != 1) {
            fail(body->line, "the stand-in runs a single job; " + std::string(body_name) + " has " +
                                 std::to_string(items.size()));
        }
        if (body_name == "jobs") {
            accept_only(items[0], "a job", {"job", "displayName", "pool", "variables", "steps"});
            read_body(items[0], {"steps"});
        } else {
            accept_only(items[0], "a stage", {"stage", "displayName", "pool", "variables", "jobs"});
            read_body(items[0], {"jobs"});
        }
    }

    void read_variables(const YamlNode& node) {
        if (node.kind == YamlNode::Kind::mapping) {
            for (const YamlMember& member : node.members) {
                pipeline_.variables.emplace_back(member.name,
                                                 template_text(member.value, "a variable"));
            }
            return;
        }
        for (const YamlNode& item : list(node, "variables")) {
            accept_only(item, "a variable", {"name", "value"});
            pipeline_.variables.emplace_back(text(required(item, "name"), "name"),
                                             template_text(required(item, "value"), "value"));
        }
    }

    void read_step(const YamlNode& node) {
        if (node.kind == YamlNode::Kind::mapping && node.member("checkout") != nullptr) {
            accept_only(node, "a checkout step", {"checkout"});
            const YamlNode& value = required(node, "checkout");
            if (text(value, "checkout") == "none") return;
            fail(value.line, "only 'checkout: none' is supported; the stand-in has no repository");
        }
        accept_only(
            node, "a step",
            {"script", "bash", "checkout", "displayName", "env", "continueOnError", "condition"});
        const YamlNode* script = node.member("script");
        const YamlNode* bash = node.member("bash");
        if ((script == nullptr) == (bash == nullptr)) {
            fail(node.line, "a step needs either 'script' or 'bash'");
        }
        Step step;
        step.shell = script != nullptr ? "sh" : "bash";
        step.script = template_text(script != nullptr ? *script : *bash, "a script");
        step.display_name = script != nullptr ? "script" : "bash";
        if (const YamlNode* name = node.member("displayName")) {
            step.display_name = template_text(*name, "displayName");
        }
        if (const YamlNode* env = node.member("env")) read_env(*env, step);
        if (const YamlNode* go_on = node.member("continueOnError")) {
            step.continue_on_error = read_boolean(*go_on, "continueOnError");
        }
        if (const YamlNode* condition = node.member("condition")) {
            step.condition = read_condition(*condition);
        }
        pipeline_.steps.push_back(std::move(step));
    }

    void read_env(const YamlNode& node, Step& step) const {
        if (node.kind != YamlNode::Kind::mapping) fail(node.line, "env must be a mapping");
        for (const YamlMember& member : node.members) {
            step.env.emplace_back(member.name, template_text(member.value, "an env value"));
        }
    }

    bool read_boolean(const YamlNode& node, const std::string& what) const {
        const std::string& value = text(node, what);
        if (value == "true") return true;
        if (value == "false") return false;
        fail(node.line, what + " is '" + value + "'; true and false are accepted");
    }

    Condition read_condition(const YamlNode& node) const {
        const std::string& value = text(node, "condition");
        if (value == "succeeded()") return Condition::succeeded;
        if (value == "failed()") return Condition::failed;
        if (value == "always()") return Condition::always;
        fail(node.line,
             "condition is '" + value + "'; succeeded(), failed() and always() are accepted");
    }

    Pipeline pipeline_;
};

}  // namespace

Pipeline load_pipeline(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    if (!stream || !(content << stream.rdbuf())) {
        throw FileError(file, 1, "the file cannot be read or is empty");
    }
    const YamlNode root = parse_yaml(file, content.str());
    return PipelineReader(file).read(root);
}

}  // namespace azure_standin
