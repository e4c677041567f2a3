#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actions/action.hpp"
#include "document/node.hpp"

/// What reading an action document finds, and the questions that every part of it asks.
namespace signalbox::actions {

/// Collects for one document. Does not outlive what it is made from.
class Report {
  public:
    Report(const std::string& file, document::Problems& problems, Action& action)
        : file_(file), problems_(problems), action_(action) {}

    const std::string& file() const { return file_; }
    /// What is being read.
    Action& action() { return action_; }

    /// The document is wrong.
    void error(document::Position position, std::string message);
    /// Something in it means nothing; the action works all the same.
    void warning(document::Position position, std::string message);
    /// The document may be right, and the action cannot be invoked here. The first reason is kept
    /// in it.
    void unavailable(document::Position position, const std::string& reason);

    /// Is `node` of that kind? An error that names `what` if not.
    bool is(const document::Node& node, document::Node::Kind kind, std::string_view what);
    /// The text of the member, or empty; an error where it is no string.
    std::string text(const document::Node& mapping, std::string_view key);
    /// An error for each member of `mapping` that is not among `known`.
    void refuse_unknown(const document::Node& mapping, const std::vector<std::string>& known,
                        std::string_view where);

  private:
    const std::string& file_;
    document::Problems& problems_;
    Action& action_;
};

/// `a, b, c`
std::string listed(const std::vector<std::string>& words);
/// `; did you mean "type"?`, or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& accepted);
/// Quoted for a message, cut where it is long.
std::string in_quotes(std::string_view text);

}  // namespace signalbox::actions
