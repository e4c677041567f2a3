#include "journal/sqlite/approval_text.hpp"

#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::journal::sqlite {
namespace {

std::string text_of(const json::Object& object, std::string_view name) {
    const json::Value* member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::int64_t number_of(const json::Object& object, std::string_view name) {
    const json::Value* member = object.if_contains(name);
    return member && member->is_int64() ? member->get_int64() : 0;
}

bool flag_of(const json::Object& object, std::string_view name) {
    const json::Value* member = object.if_contains(name);
    return member && member->is_bool() && member->get_bool();
}

}  // namespace

std::string approval_text(const Approval& approval) {
    json::Array decisions;
    for (const ApprovalDecision& decision : approval.decisions) {
        decisions.push_back(json::Object{{"approves", decision.approves},
                                         {"client", json::String(decision.client)},
                                         {"user", json::String(decision.user)},
                                         {"at", decision.at_ms},
                                         {"comment", json::String(decision.comment)}});
    }
    return json::write(json::Object{{"all", approval.all},
                                    {"deadline", approval.deadline_ms},
                                    {"allowed", approval.allowed_ms},
                                    {"decisions", std::move(decisions)}});
}

Approval read_approval(std::string_view text) {
    Approval approval;
    const auto value = json::parse(text);
    const json::Object* object = value ? value->if_object() : nullptr;
    approval.all = !object || flag_of(*object, "all");
    if (!object) return approval;
    approval.deadline_ms = number_of(*object, "deadline");
    approval.allowed_ms = number_of(*object, "allowed");
    const json::Value* decisions = object->if_contains("decisions");
    if (!decisions || !decisions->is_array()) return approval;
    for (const json::Value& each : decisions->get_array()) {
        const json::Object* decision = each.if_object();
        if (!decision) continue;
        approval.decisions.push_back({flag_of(*decision, "approves"), text_of(*decision, "client"),
                                      text_of(*decision, "user"), number_of(*decision, "at"),
                                      text_of(*decision, "comment")});
    }
    return approval;
}

}  // namespace signalbox::journal::sqlite
