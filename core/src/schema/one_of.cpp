#include "schema/one_of.hpp"

#include <algorithm>
#include <unordered_set>

namespace signalbox::schema {
namespace {

const json::Object* member_object(const json::Object& object, boost::json::string_view key) {
    const json::Value* member = object.if_contains(key);
    return member == nullptr ? nullptr : member->if_object();
}

const json::String* constant_of(const json::Value& branch, boost::json::string_view property) {
    const json::Object* schema = branch.if_object();
    const json::Object* properties =
        schema == nullptr ? nullptr : member_object(*schema, "properties");
    const json::Object* described =
        properties == nullptr ? nullptr : member_object(*properties, property);
    if (described == nullptr || described->if_contains("x-secret") != nullptr) return nullptr;
    const json::Value* constant = described->if_contains("const");
    return constant == nullptr ? nullptr : constant->if_string();
}

bool tells_apart(const json::Array& branches, boost::json::string_view property) {
    std::unordered_set<std::string> seen;
    return std::all_of(branches.begin(), branches.end(), [&](const json::Value& branch) {
        const json::String* constant = constant_of(branch, property);
        return constant != nullptr && seen.emplace(constant->c_str(), constant->size()).second;
    });
}

}  // namespace

std::string discriminator_of(const json::Array& branches) {
    const json::Object* first = branches.empty() ? nullptr : branches.front().if_object();
    const json::Object* properties =
        first == nullptr ? nullptr : member_object(*first, "properties");
    if (properties == nullptr) return {};
    for (const auto& property : *properties) {
        if (tells_apart(branches, property.key())) return property.key();
    }
    return {};
}

std::string branch_name(const json::Value& branch, const std::string& discriminator) {
    const json::String& name = *constant_of(branch, discriminator);
    return {name.data(), name.size()};
}

}  // namespace signalbox::schema
