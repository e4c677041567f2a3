#pragma once

#include <string_view>

namespace signalbox::api {

/// What `/openapi.json` serves: core/src/api/openapi.json, built in.
extern const std::string_view openapi_document;

}  // namespace signalbox::api
