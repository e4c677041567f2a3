#include "actions/names.hpp"

#include "actions/report.hpp"

namespace signalbox::actions {
namespace {

constexpr std::size_t kComparedMax = 1'000;

}  // namespace

void Names::add(const document::Node* mapping) {
    if (mapping == nullptr) return;
    for (const document::Node::Member& member : mapping->members) {
        if (known_.insert(member.key).second && list_.size() < kComparedMax)
            list_.push_back(member.key);
    }
}

std::string Names::meant(const std::string& name) const {
    return known_.size() > kComparedMax ? std::string() : did_you_mean(name, list_);
}

}  // namespace signalbox::actions
