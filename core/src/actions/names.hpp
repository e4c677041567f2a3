#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "document/node.hpp"

namespace signalbox::actions {

/// The names that a document declares, each found at once however many there are.
class Names {
  public:
    /// The keys of a mapping; null: there is none.
    void add(const document::Node* mapping);
    bool has(const std::string& name) const { return known_.count(name) != 0; }
    /// As did_you_mean(); empty too where there are so many that each misspelt name would cost a look at all.
    std::string meant(const std::string& name) const;

  private:
    std::unordered_set<std::string> known_;
    std::vector<std::string> list_;
};

}  // namespace signalbox::actions
