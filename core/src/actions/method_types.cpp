#include "actions/method_types.hpp"

namespace signalbox::actions {

const MethodType* port_method_type(std::string_view name) {
    static const std::vector<MethodType> types = {
        {"WEBHOOK",
         {"url", "agent", "synchronized", "method", "headers", "queryParams", "body"},
         "the plugin `webhook`"},
        {"AZURE_DEVOPS", {"webhook", "org", "payload"}, "the plugin `azure-pipelines`"},
        {"GITHUB",
         {"org", "repo", "workflow", "workflowInputs", "reportWorkflowStatus"},
         "a plugin that starts GitHub workflows"},
        {"GITLAB",
         {"projectName", "groupName", "defaultRef", "pipelineVariables"},
         "a plugin that starts GitLab pipelines"},
        {"KAFKA", {"payload"}, "the Kafka topics that Port runs for its customers"},
        {"UPSERT_ENTITY", {"blueprintIdentifier", "mapping"}, "Port's catalogue"},
        {"INTEGRATION_ACTION",
         {"installationId", "integrationActionType", "integrationActionExecutionProperties"},
         "an integration that is installed in Port"},
        {"JENKINS", {}, "a plugin that starts Jenkins jobs"},
        {"SLACK", {}, "Port's Slack app"},
    };
    for (const MethodType& type : types)
        if (name == type.name) return &type;
    return nullptr;
}

std::string method_type_name(std::string_view written) {
    return std::string(written == "AZURE-DEVOPS" ? "AZURE_DEVOPS" : written);
}

}  // namespace signalbox::actions
