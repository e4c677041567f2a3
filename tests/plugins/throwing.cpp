// A plugin whose target throws in every place where an author's code may.
#include <stdexcept>
#include <string>

#include "descriptors.hpp"
#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/target.hpp"

using namespace signalbox::plugin;

class Throwing final : public Target {
  public:
    Throwing(std::string_view settings, Host) {
        if (json::parse(settings)["mode"].text_or("") == "refuse") {
            throw Refusal("/mode", "cannot be served");
        }
        if (json::parse(settings)["mode"].text_or("") == "throw") {
            throw std::runtime_error("the constructor threw");
        }
    }
    Plan plan(const Run& run, const State&) override {
        const auto mode = json::parse(run.method)["mode"].text_or("");
        if (mode == "refuse") throw Refusal("/mode", "is not to be had");
        if (mode == "throw") throw std::runtime_error("plan threw");
        return Request::post("https://target.example/");
    }
    Verdict judge(const Run&, const State&, const Response&) override { throw 7; }
};

SIGNALBOX_PLUGIN(Throwing, TEST_DESCRIPTOR("throwing", 1))
