#include "schema/path.hpp"

#include "json/door.hpp"

namespace signalbox::schema {

std::string Path::pointer() const {
    if (parent_ == nullptr) return {};
    std::string pointer = parent_->pointer() + '/';
    return pointer += is_index_ ? std::to_string(index_) : json::escape_token(key_);
}

}  // namespace signalbox::schema
