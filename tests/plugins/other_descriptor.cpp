// Its note says one thing and its entry another.
#include "note_only.hpp"

NOTE_ONLY(note, TEST_DESCRIPTOR("other-descriptor", 1))

namespace {

using namespace signalbox::plugin;

constexpr char another[] = TEST_DESCRIPTOR("somebody-else", 1);

class Silent final : public Target {
  public:
    Silent(std::string_view, Host) {}
    Plan plan(const Run&, const State&) override { return Plan::done(); }
    Verdict judge(const Run&, const State&, const Response&) override {
        return Verdict::accepted("");
    }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1(
    const signalbox_host* host, signalbox_plugin* plugin) {
    return entry<Silent, another>(host, plugin);
}
