#include "support/http_call.hpp"

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>
#include <Poco/URI.h>

namespace signalbox::test {

Poco::JSON::Object::Ptr Called::json() const {
    Poco::JSON::Parser parser;
    return parser.parse(body).extract<Poco::JSON::Object::Ptr>();
}

std::string Called::text(const std::string& path) const {
    Poco::JSON::Parser parser;
    Poco::Dynamic::Var at = parser.parse(body);
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('.', start), path.size());
        const std::string part = path.substr(start, end - start);
        start = end + 1;
        if (at.type() == typeid(Poco::JSON::Object::Ptr)) {
            at = at.extract<Poco::JSON::Object::Ptr>()->get(part);
        } else if (at.type() == typeid(Poco::JSON::Array::Ptr)) {
            at = at.extract<Poco::JSON::Array::Ptr>()->get(static_cast<unsigned>(std::stoul(part)));
        } else {
            return {};
        }
    }
    return at.isEmpty() ? std::string() : at.toString();
}

Called call(const std::string& base, const std::string& method, const std::string& path,
            const std::string& body, const std::map<std::string, std::string>& headers) {
    const Poco::URI uri(base);
    Called called;
    try {
        Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
        session.setTimeout(Poco::Timespan(30, 0));
        Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
        if (!body.empty()) request.setContentType("application/json");
        for (const auto& [name, value] : headers)
            request.set(name, value);
        session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        Poco::StreamCopier::copyToString(session.receiveResponse(response), called.body);
        called.status = response.getStatus();
        for (const auto& [name, value] : response)
            called.headers[Poco::toLower(name)] = value;
    } catch (const Poco::Exception&) {
        called.status = 0;
    }
    return called;
}

}  // namespace signalbox::test
