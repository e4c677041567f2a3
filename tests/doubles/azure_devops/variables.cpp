#include "variables.hpp"

#include <Poco/String.h>

#include <cstdlib>

#include "expression.hpp"

namespace azure_standin {
namespace {

constexpr int kDepthMax = 8;

// Shorter values would blot out ordinary text.
constexpr std::size_t kMaskedLengthMin = 4;

}  // namespace

void Variables::set(const std::string& name, const std::string& value, bool secret) {
    variables_[Poco::toLower(name)] = {name, value, secret};
    if (secret) secrets_.insert(value);
}

std::string Variables::expand(const std::string& text) {
    return expand(text, 0);
}

std::string Variables::expand(const std::string& text, int depth) {
    // A variable that names itself would never end.
    if (depth > kDepthMax) return text;
    return expand_macros(
        text, [this, depth](const std::string& name) { return lookup(name, depth + 1); });
}

std::optional<std::string> Variables::lookup(const std::string& name, int depth) {
    const auto found = variables_.find(Poco::toLower(name));
    if (found != variables_.end()) return expand(found->second.value, depth);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    secrets_.insert(value);
    return value;
}

std::map<std::string, std::string> Variables::environment() {
    std::map<std::string, std::string> environment;
    for (const auto& [key, variable] : variables_) {
        if (variable.secret) continue;
        std::string name = Poco::toUpper(variable.name);
        Poco::translateInPlace(name, ". ", "__");
        environment[name] = expand(variable.value);
    }
    return environment;
}

std::string Variables::masked(std::string line) const {
    for (const std::string& secret : secrets_) {
        if (secret.size() >= kMaskedLengthMin)
            Poco::replaceInPlace(line, secret, std::string("***"));
    }
    return line;
}

}  // namespace azure_standin
