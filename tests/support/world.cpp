#include "support/world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace signalbox::test {
namespace {

const char* const kRelease = R"(identifier: release
trigger:
  type: self-service
  operation: CREATE
  userInputs:
    properties:
      name: { type: string, pattern: "^[a-z0-9-]+$", maxLength: 40 }
      count: { type: number, minimum: 1, default: 1 }
    required: [name]
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: release
  payload:
    name: "{{ .inputs.name }}"
    count: "{{ .inputs.count }}"
    port_context: { runId: "{{ .run.id }}" }
)";

std::string secret_of(const std::string& client) {
    return client + "-secret-of-the-test";
}

}  // namespace

Folder::Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signalbox-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Folder::write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
}

std::string Folder::read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path_ / name).rdbuf();
    return text.str();
}

std::uint16_t free_port() {
    static std::random_device device;
    while (true) {
        const std::uint16_t port = static_cast<std::uint16_t>(10'000 + device() % 20'000);
        const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int failed = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::close(probe);
        if (failed == 0) return port;
    }
}

World::World(WorldOptions options) : options_(std::move(options)), port_(free_port()) {
    url_ = "http://127.0.0.1:" + std::to_string(port_);
    folder_.write("actions/release.yaml", kRelease);
}

void World::start_standin() {
    std::vector<std::string> command = {SIGNALBOX_BIN_DIR "/azure-standin",
                                        "--listen",
                                        "127.0.0.1:0",
                                        "--webhook",
                                        "release",
                                        "--secret",
                                        "azure-secret",
                                        "--header",
                                        "X-Port-Signature",
                                        "--received",
                                        (folder_.path() / "received").string()};
    command.insert(command.end(), options_.standin.begin(), options_.standin.end());
    std::map<std::string, std::string> variables = standin_environment_;
    variables.emplace("PIPELINE_SECRET", secret_of("pipeline"));
    variables.emplace("SIGNALBOX_TEST_URL", url_);
    standin_ = std::make_unique<Child>(
        command, variables,
        (folder_.path() / "standin.log").string());
    standin_url_ = standin_->line();
    if (standin_url_.rfind("http://", 0) != 0)
        throw std::runtime_error(folder_.read("standin.log"));
    standin_->discard();
    write_config();
}

void World::use_target(const std::string& url) {
    standin_url_ = url;
    write_config();
}

void World::write_config() {
    std::string text = "listen: 127.0.0.1:" + std::to_string(port_) +
                       "\n"
                       "journal: " +
                       (options_.commits == "log" ? "{ directory: ./data, commits: log }" : "./data") +
                       "\n"
                       "plugins: [ azure-pipelines ]\n"
                       "connections:\n"
                       "  contoso:\n"
                       "    plugin: azure-pipelines\n"
                       "    settings: { organization: contoso, base_url: \"" +
                       standin_url_ +
                       "/contoso\" }\n"
                       "    signing: { key: { env: AZURE_SECRET } }\n"
                       "    limits: { in_flight: " +
                       std::to_string(options_.in_flight) + ", timeout: " + options_.timeout +
                       " }\n"
                       "    retry: " +
                       options_.retry +
                       "\n"
                       "    on_unknown: " +
                       options_.on_unknown +
                       "\n"
                       "    egress: { allow: [ 127.0.0.0/8 ] }\n"
                       "actions: actions/*\n";
    text += options_.config;
    if (options_.clients) {
        text +=
            "clients:\n"
            "  - { id: portal, secret: { env: PORTAL_SECRET }, " +
            options_.portal +
            " }\n"
            "  - { id: pipeline, secret: { env: PIPELINE_SECRET }, may: [ report ] }\n"
            "  - { id: ops, secret: { env: OPS_SECRET }, may: [ admin ] }\n";
        for (const auto& [id, rights] : options_.more_clients)
            text += "  - { id: " + id + ", secret: { env: SECRET_" + id + " }, " + rights + " }\n";
    }
    folder_.write("signalbox.yaml", text);
}

std::map<std::string, std::string> World::environment() const {
    std::map<std::string, std::string> variables = {
        {"AZURE_SECRET", "azure-secret"},
        {"PORTAL_SECRET", secret_of("portal")},
        {"PIPELINE_SECRET", secret_of("pipeline")},
        {"OPS_SECRET", secret_of("ops")},
        {"SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR}};
    for (const auto& [id, rights] : options_.more_clients)
        variables["SECRET_" + id] = secret_of(id);
    return variables;
}

void World::start() {
    serve_ =
        std::make_unique<Child>(std::vector<std::string>{SIGNALBOX_BIN_DIR "/signalbox", "serve",
                                                         "--config", config().string(),
                                                         "--drain", options_.drain},
                                environment(), (folder_.path() / "serve.log").string());
    const std::string line = serve_->line();
    if (line.rfind("http://", 0) != 0) throw std::runtime_error(line + log());
    serve_->discard();
}

void World::kill() {
    serve_->signal(SIGKILL);
    serve_->wait();
    serve_.reset();
}

void World::hang_up() {
    serve_->signal(SIGHUP);
}

int World::stop() {
    terminate();
    return wait();
}

void World::terminate() {
    serve_->signal(SIGTERM);
}

int World::wait() {
    const int code = serve_->wait();
    serve_.reset();
    return code;
}

Called World::as(const std::string& client, const std::string& method, const std::string& path,
                 const std::string& body, std::map<std::string, std::string> headers) {
    if (!client.empty() && options_.clients) {
        std::string& token = tokens_[client];
        if (token.empty()) {
            token = call(url_, "POST", "/v1/auth/access_token",
                         R"({"clientId":")" + client + R"(","clientSecret":")" + secret_of(client) +
                             "\"}")
                        .text("accessToken");
        }
        headers["Authorization"] = "Bearer " + token;
    }
    return call(url_, method, path, body, headers);
}

std::string World::invoke(const std::string& name, std::map<std::string, std::string> headers) {
    const Called called = as("portal", "POST", "/v1/actions/release/runs",
                             R"({"properties":{"name":")" + name + "\"}}", std::move(headers));
    return called.status == 202 ? called.text("run.id") : std::string();
}

Called World::await(const std::string& run_id, const std::vector<std::string>& phases) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
        const Called run = as("ops", "GET", "/v1/actions/runs/" + run_id);
        const std::string phase = run.status == 200 ? run.text("run.phase") : "";
        for (const std::string& wanted : phases) {
            if (phase == wanted) return run;
        }
        if (std::chrono::steady_clock::now() > end) return run;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two questions
    }
}

Ran World::cli(std::vector<std::string> arguments, std::map<std::string, std::string> extra) {
    std::map<std::string, std::string> variables = environment();
    variables["SIGNALBOX_URL"] = url_;
    if (options_.clients) {
        variables["SIGNALBOX_CLIENT_ID"] = "ops";
        variables["SIGNALBOX_CLIENT_SECRET"] = secret_of("ops");
    }
    for (auto& [name, value] : extra)
        variables[name] = value;
    arguments.insert(arguments.begin(), SIGNALBOX_BIN_DIR "/signalbox");
    return run(std::move(arguments), variables);
}

std::vector<std::string> World::received() const {
    std::vector<std::string> ids;
    std::istringstream lines(folder_.read("received"));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t id = line.find("\"id\":\"");
        if (id == std::string::npos) continue;
        ids.push_back(line.substr(id + 6, line.find('"', id + 6) - id - 6));
    }
    return ids;
}

std::string World::received_body() const {
    const Called received = call(standin_url_, "GET", "/_standin/received");
    return run({"/bin/sh", "-c", "printf %s '" + received.text("0.body_base64") + "' | base64 -d"})
        .output;
}

}  // namespace signalbox::test
