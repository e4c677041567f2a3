#include "handler.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/NumberParser.h>
#include <Poco/URI.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace azure_standin {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::size_t kBodyBytesMax = 5UL * 1024 * 1024;
// A body over the cap is read and forgotten this far, so that the sender sees the answer and no
// reset.
constexpr std::size_t kDrainedBytesMax = 64UL * 1024 * 1024;

// Where a request goes: [organization/][collection/]_apis/public/distributedtask/webhooks/{name},
// or one of the stand-in's own pages.
struct Route {
    std::optional<std::string> webhook;
    std::optional<std::string> api_version;
    std::optional<std::string> build_id;
};

Route route_of(const Poco::URI& uri) {
    static const std::vector<std::string> fixed{"_apis", "public", "distributedtask", "webhooks"};
    std::vector<std::string> segments;
    uri.getPathSegments(segments);
    Route route;
    const std::size_t tail = fixed.size() + 1;
    if (segments.size() >= tail && segments.size() <= tail + 2 &&
        std::equal(fixed.begin(), fixed.end(),
                   segments.end() - static_cast<std::ptrdiff_t>(tail))) {
        route.webhook = segments.back();
    }
    const bool is_results = segments.size() >= 2 && segments.back() == "results" &&
                            segments[segments.size() - 2] == "_build";
    for (const auto& [name, value] : uri.getQueryParameters()) {
        if (name == "api-version" && !route.api_version) route.api_version = value;
        if (is_results && name == "buildId") route.build_id = value;
    }
    return route;
}

class Handler : public Poco::Net::HTTPRequestHandler {
  public:
    Handler(Context& context, std::shared_ptr<Recording> recording)
        : context_(context), recording_(std::move(recording)) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        // Poco answers its own exceptions only and drops the connection on any other.
        try {
            handle(request, response);
        } catch (const Poco::SyntaxException& error) {
            send(response, error_reply(400, error.displayText(), "StandInException"));
        } catch (const Poco::Exception& error) {
            context_.console.line("connection failed: " + error.displayText());
        } catch (const std::exception& error) {
            context_.console.line(std::string("the stand-in failed: ") + error.what());
            if (!response.sent()) {
                send(response, error_reply(500, error.what(), "StandInException"));
            }
        }
    }

  private:
    void handle(HTTPServerRequest& from, HTTPServerResponse& response) {
        Request request;
        request.method = from.getMethod();
        request.target = from.getURI();
        request.headers = parse_headers(recording_->head);
        const Framing framing = framing_of(request);
        if (framing.refused_status != 0) {
            context_.console.line(request.method + " " + request.target +
                                  " | refused: " + framing.reason);
            send(response, error_reply(framing.refused_status, framing.reason, "StandInException"));
            return;
        }
        const bool fits = read_body(from.stream(), request.body);
        if (framing.body_bytes.value_or(1) != 0 && recording_->cut_off) {
            context_.console.line(request.method + " " + request.target +
                                  " | the connection ended in the middle of the body");
            return;
        }
        if (!fits) {
            context_.console.line(request.method + " " + request.target +
                                  " | refused: body over 5 MiB");
            send(response,
                 error_reply(413, "The request is larger than 5242880 bytes.", "StandInException"));
            return;
        }
        if (context_.options.verbose) show(request);
        answer(request, from, response);
    }

    // False when there is more than the cap.
    static bool read_body(std::istream& stream, std::string& body) {
        char buffer[16 * 1024];
        std::size_t total = 0;
        while (total <= kDrainedBytesMax) {
            stream.read(buffer, sizeof buffer);
            const auto count = static_cast<std::size_t>(stream.gcount());
            if (count == 0) break;
            total += count;
            if (total <= kBodyBytesMax) body.append(buffer, count);
        }
        return total <= kBodyBytesMax;
    }

    void show(const Request& request) {
        for (const Header& header : request.headers) {
            context_.console.line("  " + header.first + ": " + header.second);
        }
        context_.console.line("  " + request.body);
    }

    void answer(const Request& request, HTTPServerRequest& from, HTTPServerResponse& response) {
        const Route route = route_of(Poco::URI(request.target));
        if (route.webhook) {
            Reply reply = context_.receiver.receive(request, *route.webhook, route.api_version);
            finish_delivery(std::move(reply), from, response);
        } else if (request.target == "/_standin/received") {
            send_page(response, context_.ledger.as_json());
        } else if (request.target == "/_standin/runs") {
            send_page(response, context_.runs.as_json());
        } else {
            send_page(response, run_page(route));
        }
    }

    std::optional<std::string> run_page(const Route& route) const {
        unsigned id = 0;
        if (!route.build_id || !Poco::NumberParser::tryParseUnsigned(*route.build_id, id))
            return {};
        return context_.runs.as_json(id);
    }

    void finish_delivery(Reply reply, HTTPServerRequest& from, HTTPServerResponse& response) {
        if (context_.options.pipeline_before_reply) {
            for (RunPlan& plan : reply.runs)
                context_.runs.run_now(std::move(plan));
            reply.runs.clear();
        }
        if (context_.options.reply_delay_ms > 0) {
            context_.stop.wait_ms(context_.options.reply_delay_ms);
        }
        try {
            if (reply.manner == Reply::Manner::answer) send(response, reply);
            if (reply.manner == Reply::Manner::reset) reset(from);
        } catch (const Poco::Exception& error) {
            // The delivery was taken, so its runs start even when nobody hears the answer.
            context_.console.line("the answer was not sent: " + error.displayText());
        }
        for (RunPlan& plan : reply.runs)
            context_.runs.queue(std::move(plan));
        if (reply.manner == Reply::Manner::hang) wait_for_peer(from);
    }

    static Poco::Net::StreamSocket& socket_of(HTTPServerRequest& from) {
        return static_cast<Poco::Net::HTTPServerRequestImpl&>(from).socket();
    }

    // With a linger time of zero, closing sends a reset.
    static void reset(HTTPServerRequest& from) { socket_of(from).setLinger(true, 0); }

    void wait_for_peer(HTTPServerRequest& from) const {
        pollfd waiting[2] = {{context_.stop.descriptor(), POLLIN, 0},
                             {socket_of(from).impl()->sockfd(), POLLIN | POLLRDHUP, 0}};
        while (::poll(waiting, 2, -1) < 0 && errno == EINTR) {
        }
    }

    static void send(HTTPServerResponse& response, const Reply& reply) {
        response.setStatus(static_cast<HTTPServerResponse::HTTPStatus>(reply.status));
        response.setReason(HTTPServerResponse::getReasonForStatus(
            static_cast<HTTPServerResponse::HTTPStatus>(reply.status)));
        if (!reply.retry_after.empty()) response.set("Retry-After", reply.retry_after);
        if (reply.status == 405) response.set("Allow", "POST");
        if (!reply.body.empty()) response.setContentType("application/json; charset=utf-8");
        response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
        response.sendBuffer(reply.body.data(), reply.body.size());
    }

    static void send_page(HTTPServerResponse& response, const std::optional<std::string>& json) {
        if (json) {
            send(response, {200, *json, {}, Reply::Manner::answer, {}});
        } else {
            send(response, error_reply(404, "There is no such page.", "StandInException"));
        }
    }

    Context& context_;
    std::shared_ptr<Recording> recording_;
};

}  // namespace

Poco::Net::HTTPRequestHandler* new_handler(Context& context, std::shared_ptr<Recording> recording) {
    return new Handler(context, std::move(recording));
}

}  // namespace azure_standin
