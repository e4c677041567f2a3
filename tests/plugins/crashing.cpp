// A plugin that ends the process where its run's method says: no barrier can hold that.
#include <csignal>
#include <cstdlib>

#include "descriptors.hpp"
#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/target.hpp"

using namespace signalbox::plugin;

class Crashing final : public Target {
  public:
    Crashing(std::string_view, Host) {}
    Plan plan(const Run& run, const State&) override {
        const auto mode = json::parse(run.method)["mode"].text_or("");
        if (mode == "segv") std::raise(SIGSEGV);
        if (mode == "abort") std::abort();
        return Request::post("http://127.0.0.1:1/");
    }
    Verdict judge(const Run&, const State&, const Response&) override {
        return Verdict::accepted("it said so");
    }
};

SIGNALBOX_PLUGIN(Crashing, TEST_DESCRIPTOR("crashing", 1))
