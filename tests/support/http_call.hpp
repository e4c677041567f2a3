#pragma once

#include <Poco/JSON/Object.h>

#include <map>
#include <string>

namespace signalbox::test {

/// One HTTP call by stock Poco, independent of the core's own HTTP.
struct Called {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names lower-cased
    std::string body;
    Poco::JSON::Object::Ptr json() const;
    /// A member by dots: `run.attempts.0.outcome`, as text; empty: not there or null.
    std::string text(const std::string& path) const;
};

/// `base` is http://host:port. A body is sent as application/json unless headers say otherwise.
/// status 0: no whole reply came.
Called call(const std::string& base, const std::string& method, const std::string& path,
            const std::string& body = {}, const std::map<std::string, std::string>& headers = {});

}  // namespace signalbox::test
