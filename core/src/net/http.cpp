#include "net/http.hpp"

namespace signalbox::net {

const std::string* Request::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (field == name) return &value;
    }
    return nullptr;
}

}  // namespace signalbox::net
