// As broken.cpp, for a blocking target.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "signalbox/plugin/target.hpp"

using namespace signalbox::plugin;

namespace {

bool broken(const char* how) {
    const char* named = std::getenv("SIGNALBOX_BREAK");
    return named != nullptr && std::strcmp(named, how) == 0;
}

class Broken final : public BlockingTarget {
  public:
    Broken(std::string_view, Host host) : host_(host) {}

    void check(const Run&) override {
        if (broken("check-changes") && ++checks_ % 2 == 0) throw Refusal("", "not now");
    }

    Verdict deliver(const Run& run, const State&, const Call& call) override {
        if (broken("deliver-calls-from-thread"))
            std::thread([this] { host_.log(LogLevel::info, "from a thread of mine"); }).join();
        if (broken("deliver-never-returns")) {
            while (true)
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        if (broken("deliver-throws")) throw 7;
        if (call.cancelled() && !broken("deliver-anyway"))
            return Verdict::retryable("stopped before it began");
        return Verdict::accepted("done " + std::string(run.id))
            .as_finished(true)
            .with_response(std::string(run.payload));
    }

  private:
    Host host_;
    int checks_ = 0;
};

constexpr char descriptor[] = R"({
  "abi": {"major": 1, "minor": 0}, "id": "broken-blocking", "version": "1.0.0",
  "license": "Apache-2.0", "description": "For tests.", "setup": "Nothing.",
  "delivery": "blocking",
  "invocation_types": {"BROKEN_BLOCKING": {"type": "object"}},
  "settings": {"type": "object"}})";

}  // namespace

SIGNALBOX_PLUGIN(Broken, descriptor)
