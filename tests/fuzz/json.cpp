#include <string>
#include <string_view>

#include "json/door.hpp"
#include "json/writer.hpp"
#include "promise.hpp"

using namespace signalbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const auto value = json::parse({reinterpret_cast<const char*>(data), bytes});
    if (!value) {
        PROMISE(value.error().code == "invalid_json");
        return 0;
    }
    // What was let in goes out as JSON that is let in again, and then no longer changes.
    const std::string written = json::write(*value);
    const auto again = json::parse(written);
    PROMISE(static_cast<bool>(again));
    PROMISE(json::write(*again) == written);
    return 0;
}
