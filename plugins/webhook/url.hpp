#pragma once

#include <string>
#include <string_view>

#include "signalbox/plugin/json.hpp"

namespace webhook {

/// Why this is no URL to send to, for people; empty: it is one.
std::string url_fault(std::string_view url);

/// Encodes what a URL cannot hold (spaces, quotes, anything that is not ASCII) and leaves the rest,
/// as a browser does: an input's text may stand in the path.
std::string encode_url(std::string_view url);

/// `url` below `base`; throws Refusal where it is elsewhere. Any URL where `base` is empty.
std::string resolve(std::string_view url, const std::string& base);

/// `url` with the parameters in its query. Throws Refusal for a value that is an object.
std::string with_query(std::string url, const signalbox::plugin::json::Value& parameters);

}  // namespace webhook
