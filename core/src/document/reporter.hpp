#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "document/node.hpp"

namespace signalbox::document {

/// Adds the findings of one file to a list, at most limits::document_problems_max of them and then
/// one that says that there are more. Borrows the list. One thread.
class Reporter {
  public:
    Reporter(std::string file, Problems& problems);

    void error(Position position, std::string message);
    void warning(Position position, std::string message);

    /// One mistake, one message: from now on a finding at a place that already has an error of this
    /// file is dropped. For the reader that follows the one that built the tree.
    void hush_known_places();

  private:
    void add(Problem::Severity severity, Position position, std::string message);
    bool is_hushed(Position position) const;

    std::string file_;
    Problems& problems_;
    std::vector<Position> hushed_;
    std::size_t added_ = 0;
};

}  // namespace signalbox::document
