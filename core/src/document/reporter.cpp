#include "document/reporter.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace signalbox::document {

Reporter::Reporter(std::string file, Problems& problems)
    : file_(std::move(file)), problems_(problems) {}

void Reporter::error(Position position, std::string message) {
    add(Problem::Severity::error, position, std::move(message));
}

void Reporter::warning(Position position, std::string message) {
    add(Problem::Severity::warning, position, std::move(message));
}

void Reporter::hush_known_places() {
    for (const Problem& problem : problems_) {
        if (problem.severity == Problem::Severity::error && problem.file == file_)
            hushed_.push_back(problem.position);
    }
}

bool Reporter::is_hushed(Position position) const {
    return std::any_of(hushed_.begin(), hushed_.end(), [&](Position known) {
        return known.line == position.line && known.column == position.column;
    });
}

void Reporter::add(Problem::Severity severity, Position position, std::string message) {
    if (added_ > limits::document_problems_max || is_hushed(position)) return;
    if (added_ == limits::document_problems_max) {
        // The last one is an error whatever was dropped, so that a dropped error cannot pass
        // unseen.
        severity = Problem::Severity::error;
        position = {};
        message = "there are more problems; the first " +
                  std::to_string(limits::document_problems_max) + " are shown, correct them first";
    }
    ++added_;
    problems_.push_back({severity, file_, position, std::move(message)});
}

}  // namespace signalbox::document
