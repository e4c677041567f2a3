#pragma once

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServer.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

/// A strict double of the part of Port's API that reports go to, from its published specification
/// (`static/apispec.yaml`): tokens, `PATCH /v1/actions/runs/{id}` and `POST /v1/actions/runs/{id}/logs`, with
/// closed bodies. On stock Poco and in the test's own process; shares nothing with the core.
namespace port_api {

/// A run as Port would show it.
struct Run {
    std::string status = "IN_PROGRESS";
    std::string status_label;
    std::string link;  ///< JSON
    std::string summary;
    std::string external_run_id;
    std::vector<std::string> log_lines;
};

/// One call that was answered.
struct Call {
    std::string method;
    std::string path;
    std::string body;
    int status = 0;
};

class PortApi {
  public:
    PortApi(std::string client_id, std::string client_secret);
    ~PortApi();
    PortApi(const PortApi&) = delete;
    PortApi& operator=(const PortApi&) = delete;

    std::string url() const;  ///< http://127.0.0.1:PORT

    /// A run that Port has started.
    void add_run(const std::string& id);
    Run run(const std::string& id) const;
    /// Every call, in the order of the answers; those that failed on purpose too.
    std::vector<Call> calls() const;
    /// Of a run: what was taken, one word each: `label:…`, `link:…`, `summary:…`, `external:…`, `log:…`,
    /// `end:…`, in the order in which it was.
    std::vector<std::string> history(const std::string& id) const;
    /// Tokens given so far.
    int tokens() const;

    enum class Fault {
        none,
        every_other,        ///< every second call of any kind is answered 500 and does nothing
        every_other_reply,  ///< every second call is done, and answered 502
        all,                ///< nothing works: 503
    };
    void set(Fault fault);
    /// Every token given so far is refused from now on.
    void revoke_tokens();

  private:
    class Handler;
    class Factory;
    struct Answer {
        int status;
        std::string body;
    };
    Answer answer(const std::string& method, const std::string& path, const std::string& authorization,
                  const std::string& body);
    Answer dispatch(const std::string& method, const std::string& path, const std::string& authorization,
                    const std::string& body);
    Answer token(const Poco::JSON::Object& body);
    Answer patch(const std::string& id, const Poco::JSON::Object& body);
    Answer log(const std::string& id, const Poco::JSON::Object& body);

    const std::string client_id_;
    const std::string client_secret_;
    mutable std::mutex mutex_;
    std::map<std::string, Run> runs_;
    std::map<std::string, std::vector<std::string>> history_;
    std::vector<Call> calls_;
    std::string token_;
    int tokens_ = 0;
    Fault fault_ = Fault::none;
    std::size_t counted_ = 0;
    std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace port_api
