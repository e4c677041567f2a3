#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::schema {

/// A place inside a value, as a chain on the stack; the pointer's text is made only where something
/// is found, which keeps the check of a million good elements cheap.
class Path {
  public:
    Path() = default;  ///< the whole value
    Path(const Path& parent, std::string_view key) : parent_(&parent), key_(key) {}
    Path(const Path& parent, std::size_t index)
        : parent_(&parent), index_(index), is_index_(true) {}

    std::string pointer() const;

  private:
    const Path* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    bool is_index_ = false;
};

}  // namespace signalbox::schema
