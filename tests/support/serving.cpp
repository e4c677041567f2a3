#include "support/serving.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace signalbox::test {

Serving::Serving() = default;

void Serving::configure(const std::string& text) {
    const std::uint16_t port = free_port();
    url_ = "http://127.0.0.1:" + std::to_string(port);
    folder_.write("signalbox.yaml", "listen: 127.0.0.1:" + std::to_string(port) +
                                        "\njournal: ./data\nactions: actions/*\n" + text);
}

void Serving::action(const std::string& name, const std::string& invocation_method) {
    folder_.write("actions/" + name + ".yaml",
                  "identifier: " + name +
                      "\ntrigger:\n  type: self-service\n  operation: CREATE\n"
                      "  userInputs: { properties: { word: { type: string } } }\n"
                      "invocationMethod:\n" +
                      invocation_method);
}

void Serving::start(std::map<std::string, std::string> environment) {
    child_ = std::make_unique<Child>(
        std::vector<std::string>{SIGNALBOX_BIN_DIR "/signalbox", "serve", "--config",
                                 (folder_.path() / "signalbox.yaml").string()},
        std::move(environment), (folder_.path() / "serve.log").string());
    const std::string line = child_->line();
    if (line.rfind("http://", 0) != 0) throw std::runtime_error(line + folder_.read("serve.log"));
    child_->discard();
}

int Serving::stop() {
    child_->signal(SIGTERM);
    const int code = child_->wait();
    child_.reset();
    return code;
}

Ran Serving::refuse(std::map<std::string, std::string> environment) {
    return run({"/bin/sh", "-c",
                "exec '" SIGNALBOX_BIN_DIR "/signalbox' serve --config '" +
                    (folder_.path() / "signalbox.yaml").string() + "' 2>&1"},
               std::move(environment));
}

Called Serving::invoke(const std::string& action, const std::string& properties) {
    return call(url_, "POST", "/v1/actions/" + action + "/runs",
                "{\"properties\":" + properties + "}");
}

Called Serving::await(const std::string& run_id, const std::vector<std::string>& phases) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
        const Called found = get("/v1/actions/runs/" + run_id);
        for (const std::string& phase : phases) {
            if (found.status == 200 && found.text("run.phase") == phase) return found;
        }
        if (std::chrono::steady_clock::now() > end) return found;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two questions
    }
}

}  // namespace signalbox::test
