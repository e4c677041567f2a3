#pragma once

#include <string>
#include <string_view>

#include "net/http.hpp"
#include "signalbox/result.hpp"

/// Replies as the API writes them.
namespace signalbox::api {

/// {"ok":true,"<name>":<json>}; `json` is a JSON text already.
net::Response ok(int status, std::string_view name, std::string json);
/// {"ok":true}
net::Response ok();
/// {"ok":false,"error":…,"message":…,"details":[…]}, with the status its code has.
net::Response failed(const Error& error);
net::Response failed(int status, std::string_view code, std::string_view message);

}  // namespace signalbox::api
