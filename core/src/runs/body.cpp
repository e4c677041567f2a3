#include "runs/body.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::runs {

void Body::member(std::string name, Reader reader) {
    names_.push_back(name);
    readers_.emplace(std::move(name), std::move(reader));
}

Result<Done> Body::read(const json::Value& body) const {
    const json::Object* object = body.if_object();
    if (!object)
        return Error{"invalid_body", "the body is not a JSON object", {{"", "send an object"}}};
    Error error{"invalid_body", "the body has members that are not accepted"};
    for (const auto& [key, value] : *object) {
        if (error.details.size() == limits::schema_findings_max) break;
        const std::string pointer = "/" + json::escape_token(key);
        const auto reader = readers_.find(std::string(key));
        if (reader == readers_.end()) {
            error.details.push_back({pointer, unknown(key)});
        } else if (std::string finding = reader->second(value); !finding.empty()) {
            error.details.push_back({pointer, std::move(finding)});
        }
    }
    if (!error.details.empty()) return error;
    return Done{};
}

std::string Body::unknown(std::string_view key) const {
    const std::string_view near = nearest(key, names_);
    std::string message = "not a member of this body";
    if (!near.empty()) message.append("; did you mean '").append(near).append("'?");
    message += " Accepted:";
    for (const std::string& name : names_)
        message.append(" ").append(name);
    return message;
}

Body::Reader Body::text(std::optional<std::string>& into, std::size_t bytes_max) {
    return [&into, bytes_max](const json::Value& value) -> std::string {
        if (value.is_null()) return into = "", std::string();
        const json::String* string = value.if_string();
        if (!string) return "must be a string or null";
        if (string->size() > bytes_max) {
            return "has " + std::to_string(string->size()) + " bytes; at most " +
                   std::to_string(bytes_max) + " are kept";
        }
        into = std::string(*string);
        return {};
    };
}

}  // namespace signalbox::runs
