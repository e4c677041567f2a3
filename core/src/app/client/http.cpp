#include "app/client/http.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <istream>
#include <memory>
#include <ostream>

namespace signalbox::app {
namespace {

using Poco::Net::HTTPClientSession;

constexpr long kConnectSeconds = 10;
constexpr long kSilenceSeconds = 30;

Poco::Net::Context::Ptr tls_context() {
    using Poco::Net::Context;
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, "", "", "", Context::VERIFY_STRICT,
                                       9, /*loadDefaultCAs=*/true);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
}

std::unique_ptr<HTTPClientSession> open_session(const ServerAddress& server) {
    std::unique_ptr<HTTPClientSession> session;
    if (server.tls) {
        session = std::make_unique<Poco::Net::HTTPSClientSession>(server.host, server.port,
                                                                  tls_context());
    } else {
        session = std::make_unique<HTTPClientSession>(server.host, server.port);
    }
    // Poco sends a request again by itself on a connection that was kept alive; this one never is.
    session->setKeepAlive(false);
    session->setTimeout(Poco::Timespan(kConnectSeconds, 0), Poco::Timespan(kSilenceSeconds, 0),
                        Poco::Timespan(kSilenceSeconds, 0));
    return session;
}

Error unreachable(const ServerAddress& server, const std::string& why) {
    return Error{"unreachable",
                 "Signalbox cannot be reached at " + server.shown + ": " + why +
                     "; is `signalbox serve` running? Its address is given by --server or "
                     "SIGNALBOX_URL"};
}

Error reply_lost(const ServerAddress& server, const std::string& why) {
    return Error{"reply_lost", server.shown + " did not answer in full: " + why};
}

/// What to tell a person. Poco's texts name addresses and certificates, never what was sent.
std::string reason(const Poco::Exception& exception) {
    if (dynamic_cast<const Poco::Net::ConnectionRefusedException*>(&exception)) {
        return "the connection was refused";
    }
    if (dynamic_cast<const Poco::TimeoutException*>(&exception)) return "no answer in time";
    if (dynamic_cast<const Poco::Net::NoMessageException*>(&exception)) {
        return "the connection was closed without an answer";
    }
    return exception.displayText();
}

Result<std::string> read_body(std::istream& stream, const Poco::Net::HTTPResponse& response,
                              const ServerAddress& server, const Clock& clock,
                              std::int64_t deadline_ms) {
    std::string body;
    char part[16 * 1024];
    while (stream.read(part, sizeof part) || stream.gcount() > 0) {
        body.append(part, static_cast<std::size_t>(stream.gcount()));
        if (body.size() > kReplyBytesMax) {
            return Error{"reply_too_large", "the reply of " + server.shown + " has more than " +
                                                std::to_string(kReplyBytesMax) + " bytes"};
        }
        if (clock.steady_ms() > deadline_ms) return reply_lost(server, "it takes too long");
    }
    // Poco ends a reply that was cut short as if it were whole.
    const bool has_length = response.hasContentLength();
    const auto received = static_cast<Poco::Int64>(body.size());
    if (stream.bad() || (has_length && received != response.getContentLength64())) {
        return reply_lost(server, "the connection was closed in the middle of the reply");
    }
    return body;
}

Result<HttpReply> converse(HTTPClientSession& session, const ServerAddress& server,
                           const HttpRequest& request, const Clock& clock, bool& sent) {
    const std::int64_t deadline_ms = clock.steady_ms() + kExchangeMsMax;
    Poco::Net::HTTPRequest head(request.method, server.path_prefix + request.target,
                                Poco::Net::HTTPMessage::HTTP_1_1);
    head.set("Accept", "application/json");
    head.set("User-Agent", "signalbox-cli/" SIGNALBOX_VERSION);
    for (const auto& [name, value] : request.headers)
        head.set(name, value);
    if (!request.body.empty()) head.setContentType("application/json");
    if (request.method != "GET") {
        head.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
    }
    std::ostream& out = session.sendRequest(head);
    sent = true;
    out.write(request.body.data(), static_cast<std::streamsize>(request.body.size()));
    out.flush();

    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    auto body = read_body(in, response, server, clock, deadline_ms);
    if (!body) return body.error();
    return HttpReply{static_cast<int>(response.getStatus()), std::move(*body)};
}

}  // namespace

Result<ServerAddress> parse_server(const std::string& url) {
    const Error refused{
        "usage",
        "the server's address must be http://host:port or https://host:port, without "
        "user, query or fragment"};
    try {
        const Poco::URI uri(url);
        const bool tls = uri.getScheme() == "https";
        const bool accepted = (tls || uri.getScheme() == "http") && !uri.getHost().empty() &&
                              uri.getUserInfo().empty() && uri.getRawQuery().empty() &&
                              uri.getFragment().empty() && uri.getPort() != 0;
        if (!accepted) return refused;
        std::string prefix = uri.getPathEtc();
        prefix.erase(prefix.find_last_not_of('/') + 1);
        return ServerAddress{tls, uri.getHost(), uri.getPort(), prefix, url};
    } catch (const Poco::Exception&) {
        return refused;
    }
}

Result<HttpReply> exchange(const ServerAddress& server, const HttpRequest& request,
                           const Clock& clock) {
    bool sent = false;
    try {
        const auto session = open_session(server);
        return converse(*session, server, request, clock, sent);
    } catch (const Poco::Exception& exception) {
        const std::string why = reason(exception);
        return sent ? reply_lost(server, why) : unreachable(server, why);
    }
}

}  // namespace signalbox::app
