// A host that starts and stops for as long as it likes grows by nothing.
#include <malloc.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

std::size_t entries(const char* folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
        ++count;
    return count;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBytesAreCounted = false;  // AddressSanitizer's own end-of-program check sees leaks
#else
constexpr bool kBytesAreCounted = true;
#endif

struct Held {
    std::size_t threads = entries("/proc/self/task");
    std::size_t descriptors = entries("/proc/self/fd");
    std::size_t bytes = mallinfo2().uordblks;
};

void cycle(Host& host, bool loaded, const std::string& url) {
    auto seams = host.seams();
    seams.listen = true;
    Settings settings = host_settings(host.folder.path(), url);
    if (loaded) {
        settings.plugins = {{"azure-pipelines", "", ""}};
        ConnectionSettings azure;
        azure.name = "azure";
        azure.plugin = "azure-pipelines";
        azure.settings = R"({"organization": "contoso"})";
        azure.signing.emplace();
        azure.signing->key = SecretName{"KEY", ""};
        settings.connections.push_back(azure);
    }
    auto made = Dispatcher::from_settings(settings, seams);
    REQUIRE(made);
    REQUIRE((*made)->start());
    auto events = (*made)->subscribe({});
    REQUIRE(events);
    REQUIRE((*made)->list({}));
    (*made)->stop(0);
}

}  // namespace

TEST_CASE("embed: a thousand start and stop cycles leak no thread and no descriptor and no byte",
          "[embed]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    Host host;
    const std::string url = nowhere();
    // What is made once in a process: locales, OpenSSL's tables, the loaded plugin, and one of each for
    // malloc's arenas, which threads take in turn.
    for (int i = 0; i < 250; ++i)
        cycle(host, true, url);
    const Held before;
    for (int i = 0; i < 1'000; ++i)
        cycle(host, true, url);
    const Held after;
    CHECK(after.threads == before.threads);
    CHECK(after.descriptors == before.descriptors);
    // Less than half a byte a cycle: malloc's own bookkeeping may differ by a few blocks.
    if (kBytesAreCounted) CHECK(after.bytes < before.bytes + 512);
}
