// The example's pipeline, with a listener in Signalbox's place.
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>

#include <catch2/catch.hpp>
#include <mutex>

#include "standin.hpp"

using namespace standin_test;

namespace {

/// Answers every call as Signalbox would when all is well, and writes it down.
class Reports {
  public:
    Reports() : server_(new Factory(*this), socket_, parameters()) { server_.start(); }
    ~Reports() { server_.stopAll(true); }
    Reports(const Reports&) = delete;
    Reports& operator=(const Reports&) = delete;

    std::string url() const { return "http://" + socket_.address().toString(); }
    std::vector<std::string> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

  private:
    class Handler : public Poco::Net::HTTPRequestHandler {
      public:
        explicit Handler(Reports& reports) : reports_(reports) {}
        void handleRequest(Poco::Net::HTTPServerRequest& request,
                           Poco::Net::HTTPServerResponse& response) override {
            std::string body;
            Poco::StreamCopier::copyToString(request.stream(), body);
            {
                const std::lock_guard lock(reports_.mutex_);
                reports_.calls_.push_back(request.getMethod() + " " + request.getURI() + " " +
                                          request.get("Authorization", "-") + " " + body);
            }
            const std::string answer =
                R"({"ok":true,"accessToken":"tok-12345","expiresIn":10800,"tokenType":"Bearer"})";
            response.sendBuffer(answer.data(), answer.size());
        }

      private:
        Reports& reports_;
    };
    class Factory : public Poco::Net::HTTPRequestHandlerFactory {
      public:
        explicit Factory(Reports& reports) : reports_(reports) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(
            const Poco::Net::HTTPServerRequest&) override {
            return new Handler(reports_);
        }

      private:
        Reports& reports_;
    };

    static Poco::Net::HTTPServerParams::Ptr parameters() {
        Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
        parameters->setKeepAlive(false);
        return parameters;
    }

    mutable std::mutex mutex_;
    std::vector<std::string> calls_;
    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};
    Poco::Net::HTTPServer server_;
};

const std::string kPipeline =
    std::string(SIGNALBOX_SOURCE_DIR) + "/examples/azure_by_config/azure-pipelines.yml";

}  // namespace

TEST_CASE("azure standin: the example pipeline reports two lines and SUCCESS", "[azure-standin]") {
    const Reports reports;
    Standin standin({"--webhook", "signalbox_deploy", "--pipeline", kPipeline, "--variable",
                     "SIGNALBOX_URL=" + reports.url(), "--pipeline-before-reply"},
                    {{"SIGNALBOX_CLIENT_SECRET", "pipeline-secret"}, {"no_proxy", "127.0.0.1"}});
    const Answer answer = standin.request(
        "POST",
        "/contoso/_apis/public/distributedtask/webhooks/signalbox_deploy?api-version=6.0-preview",
        R"({"service":"checkout","environment":"staging","version":"1.4.2",)"
        R"("port_context":{"runId":"r_7","action":"deploy_service"}})",
        {});
    CHECK(answer.status == 200);
    CHECK(standin.wait_for_line("run 1: completed, succeeded").has_value());
    const std::string link = standin.url() + "/standin/_build/results?buildId=1";
    const std::vector<std::string> expected{
        R"(POST /v1/auth/access_token - {"clientId":"pipeline","clientSecret":"pipeline-secret"})",
        R"(POST /v1/actions/runs/r_7/logs Bearer tok-12345 )"
        R"({"message":"Deploying checkout 1.4.2 to staging"})",
        R"(POST /v1/actions/runs/r_7/logs Bearer tok-12345 {"message":"Deployed checkout 1.4.2"})",
        R"(PATCH /v1/actions/runs/r_7 Bearer tok-12345 {"status":"SUCCESS","link":")" + link +
            R"(","summary":"checkout 1.4.2 runs in staging"})"};
    CHECK(reports.calls() == expected);
    CHECK(standin.get("/standin/_build/results?buildId=1").status == 200);
}
