// Exports more than its entry, has a symbol that is one for the whole process, and shares a library
// with the host: built without what signalbox_add_plugin would do.
#include <openssl/crypto.h>

#include "descriptors.hpp"
#include "signalbox/plugin/target.hpp"

using namespace signalbox::plugin;

template <class T>
struct Counted {
    static inline int count = 0;
};

__attribute__((visibility("default"))) int everybody_sees_this() {
    return ++Counted<long>::count + static_cast<int>(OpenSSL_version_num() & 1);
}

class Exporting final : public Target {
  public:
    Exporting(std::string_view, Host) {}
    Plan plan(const Run&, const State&) override {
        return Request::post("https://target.example/");
    }
    Verdict judge(const Run&, const State&, const Response&) override {
        return Verdict::effect_unknown("who knows");
    }
};

SIGNALBOX_PLUGIN(Exporting, TEST_DESCRIPTOR("exporting", 1))
