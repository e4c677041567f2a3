#include "actions/action.hpp"

#include <algorithm>

#include "actions/approval.hpp"
#include "actions/method_types.hpp"
#include "actions/placeholder.hpp"
#include "actions/report.hpp"
#include "actions/user_inputs.hpp"
#include "document/reader.hpp"

namespace signalbox::actions {
namespace {

using document::Node;
using document::Position;
using Kind = document::Node::Kind;

/// `unbounded` is ours; the last line is what Port adds when a document is read back from it.
const std::vector<std::string>& action_keys() {
    static const std::vector<std::string> keys = {"identifier",
                                                  "title",
                                                  "description",
                                                  "icon",
                                                  "trigger",
                                                  "invocationMethod",
                                                  "requiredApproval",
                                                  "approvalNotification",
                                                  "publish",
                                                  "allowAnyoneToViewRuns",
                                                  "unbounded",
                                                  "id",
                                                  "createdAt",
                                                  "createdBy",
                                                  "updatedAt",
                                                  "updatedBy"};
    return keys;
}

const std::vector<std::string>& trigger_keys() {
    static const std::vector<std::string> keys = {"type",
                                                  "operation",
                                                  "userInputs",
                                                  "blueprintIdentifier",
                                                  "condition",
                                                  "actionCardButtonText",
                                                  "executeActionButtonText"};
    return keys;
}

const std::vector<std::string>& operations() {
    static const std::vector<std::string> words = {"CREATE", "DAY-2", "DELETE"};
    return words;
}

/// What it would take to invoke one has been said, and is not said of each path again.
const std::vector<std::string>& roots_of_automations() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all = action_roots();
        all.emplace_back("event");
        return all;
    }();
    return names;
}

/// Port's own rule for identifiers, but for `.` and `..`, which would be lost in a path.
const schema::Schema& identifier_rule() {
    static const schema::Schema rule =
        schema::Schema::compile(
            json::Object{{"type", "string"}, {"pattern", "^[\\p{L}0-9@_.+:=-]+$"}}, false)
            .value();
    return rule;
}

class Reader {
  public:
    Reader(const Node& node, Action& action, Report& report)
        : node_(node), action_(action), report_(report) {}

    void read() {
        report_.refuse_unknown(node_, action_keys(), "an action");
        action_.title = report_.text(node_, "title");
        action_.description = report_.text(node_, "description");
        report_.text(node_, "icon");
        for (const char* key : {"publish", "allowAnyoneToViewRuns"}) {
            if (const Node* value = node_.find(key))
                report_.is(*value, Kind::boolean, "`" + std::string(key) + "`");
        }
        if (const Node* unbounded = node_.find("unbounded"))
            action_.jq.unbounded =
                report_.is(*unbounded, Kind::boolean, "`unbounded`") && unbounded->boolean;
        read_trigger();
        read_approval(node_, action_, report_);
        read_method();
    }

    /// False: there is none that could name the action.
    bool read_identifier() {
        const Node* identifier = node_.find("identifier");
        if (identifier == nullptr) {
            report_.error(node_.position, "an action needs an `identifier`");
            return false;
        }
        if (!report_.is(*identifier, Kind::string, "`identifier`")) return false;
        const std::string& text = identifier->text;
        if (text == "runs" || text == "permissions") {
            report_.error(identifier->position,
                          "the identifier " + in_quotes(text) +
                              " is taken by the API's own paths; choose another");
            return false;
        }
        if (text == "." || text == ".." ||
            !identifier_rule().validate(json::String(text)).empty()) {
            report_.error(identifier->position,
                          "the identifier " + in_quotes(text) +
                              " is not accepted; use letters, digits and @ _ . + : = -");
            return false;
        }
        action_.identifier = text;
        return true;
    }

  private:
    void read_trigger() {
        action_.inputs = read_user_inputs(nullptr, report_);
        const Node* trigger = node_.find("trigger");
        if (trigger == nullptr) {
            report_.error(node_.position, "an action needs a `trigger`");
            return;
        }
        if (!report_.is(*trigger, Kind::mapping, "`trigger`")) return;
        const Node* type = trigger->find("type");
        if (type == nullptr) {
            report_.error(trigger->position, "`trigger` needs a `type`; accepted is self-service");
            return;
        }
        if (!report_.is(*type, Kind::string, "`type`")) return;
        if (type->text == "automation") {
            automation_ = true;
            report_.unavailable(type->position,
                                "the action is an automation, whose events need Port's catalogue");
        } else if (type->text == "self-service") {
            read_self_service(*trigger);
        } else {
            report_.error(type->position, "the trigger's type " + in_quotes(type->text) +
                                              " is unknown" +
                                              did_you_mean(type->text, {"self-service"}) +
                                              "; accepted is self-service");
        }
    }

    void read_self_service(const Node& trigger) {
        report_.refuse_unknown(trigger, trigger_keys(), "`trigger`");
        action_.blueprint = report_.text(trigger, "blueprintIdentifier");
        report_.text(trigger, "actionCardButtonText");
        report_.text(trigger, "executeActionButtonText");
        read_operation(trigger);
        json::Value schema;
        const Node* inputs = trigger.find("userInputs");
        action_.inputs = read_user_inputs(inputs, report_, &schema);
        if (inputs != nullptr)
            read_input_queries(*inputs, std::move(schema), report_, action_);
        if (const Node* condition = trigger.find("condition")) {
            report_.unavailable(
                condition->position,
                "`condition` limits the entities that it may be used on, which needs Port's "
                "catalogue");
        }
    }

    void read_operation(const Node& trigger) {
        const Node* operation = trigger.find("operation");
        if (operation == nullptr) {
            report_.error(trigger.position,
                          "`trigger` needs an `operation`; accepted are " + listed(operations()));
            return;
        }
        if (!report_.is(*operation, Kind::string, "`operation`")) return;
        action_.operation = operation->text;
        if (std::find(operations().begin(), operations().end(), operation->text) !=
            operations().end()) {
            return;
        }
        report_.error(operation->position, "the operation " + in_quotes(operation->text) +
                                               " is unknown" +
                                               did_you_mean(operation->text, operations()) +
                                               "; accepted are " + listed(operations()));
    }

    void read_method() {
        const Node* method = node_.find("invocationMethod");
        if (method == nullptr) {
            report_.error(node_.position, "an action needs an `invocationMethod`");
            return;
        }
        if (!report_.is(*method, Kind::mapping, "`invocationMethod`")) return;
        action_.method_position = method->position;
        read_type(*method);
        if (const Node* connection = method->find("connection")) {
            action_.connection = report_.text(*method, "connection");
            action_.connection_position = connection->position;
        }
        read_templates(*method);
    }

    void read_type(const Node& method) {
        const Node* type = method.find("type");
        if (type == nullptr) {
            report_.error(method.position,
                          "`invocationMethod` needs a `type`, such as AZURE_DEVOPS or WEBHOOK");
            return;
        }
        action_.invocation_type_position = type->position;
        action_.invocation_type = method_type_name(report_.text(method, "type"));
        if (action_.invocation_type == "UPSERT_ENTITY") {
            report_.unavailable(type->position,
                                "UPSERT_ENTITY writes an entity, which needs Port's catalogue");
        }
    }

    void read_templates(const Node& method) {
        Node members = method;
        std::erase_if(members.members, [](const Node::Member& member) {
            return member.key == "type" || member.key == "connection" || member.key == "payload" ||
                   member.key == "body";
        });
        action_.method = document::to_json(members);
        action_.method_template = compile(members);
        action_.placeholders = find_placeholders(action_.method);
        const Node* payload = method.find("payload");
        const Node* body = method.find("body");
        if (payload != nullptr && body != nullptr) {
            report_.error(body->position,
                          "`invocationMethod` has both `payload` and `body`; keep one of them");
            return;
        }
        const Node* sent = payload != nullptr ? payload : body;
        if (sent == nullptr || sent->kind == Kind::null) return;
        if (sent->kind == Kind::boolean || sent->kind == Kind::number) {
            report_.error(
                sent->position,
                std::string("what is sent must be a mapping, a list or one expression that "
                            "gives such, found ") +
                    document::kind_name(sent->kind));
            return;
        }
        action_.body_template = compile(*sent);
    }

    Template compile(const Node& node) {
        document::Problems found;
        Template made = Template::compile(node, report_.file(), action_.jq, found,
                                          automation_ ? roots_of_automations() : action_roots());
        for (const document::Problem& problem : found) {
            report_.unavailable(problem.position, problem.message);
        }
        for (const SecretUse& secret : made.secrets())
            action_.secrets.push_back(secret);
        return made;
    }

    const Node& node_;
    Action& action_;
    Report& report_;
    bool automation_ = false;
};

std::optional<Action> read_node(std::optional<Node> tree, const std::string& file,
                                document::Problems& problems) {
    if (!tree) return std::nullopt;
    Action action;
    action.file = file;
    Report report(file, problems, action);
    if (!report.is(*tree, Kind::mapping, "an action document")) return std::nullopt;
    action.node = std::make_shared<const Node>(std::move(*tree));
    action.document = document::to_json(*action.node);
    Reader reader(*action.node, action, report);
    const bool named = reader.read_identifier();
    reader.read();
    if (!named) return std::nullopt;
    return action;
}

}  // namespace

std::optional<Action> read_file(const std::filesystem::path& file, document::Problems& problems) {
    return read_node(document::read_file(file, problems), file.string(), problems);
}

std::optional<Action> read_tree(Node tree, const std::string& file,
                                document::Problems& problems) {
    return read_node(std::move(tree), file, problems);
}

std::optional<Action> read_text(std::string_view text, const std::string& file,
                                document::Problems& problems) {
    return read_node(document::read(text, file, problems), file, problems);
}

}  // namespace signalbox::actions
