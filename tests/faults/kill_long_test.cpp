// The ledger's long form; tests/faults/ledger.sh runs it alone, with sizes of its caller's choice.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "ledger.hpp"

using namespace signalbox::test;

namespace {

std::size_t number_in(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : static_cast<std::size_t>(std::stoull(text));
}

void keep_ledger(const std::string& on_unknown) {
    LedgerOptions options;
    options.on_unknown = on_unknown;
    options.kills = static_cast<int>(number_in("SIGNALBOX_LEDGER_KILLS", 200));
    options.runs = number_in("SIGNALBOX_LEDGER_RUNS", 200'000);
    options.callers = 8;
    check_bounds(kill_often(options), options);
}

}  // namespace

TEST_CASE("faults: the long ledger under hold loses nothing and sends nothing twice",
          "[long][ledger]") {
    keep_ledger("hold");
}

TEST_CASE("faults: the long ledger under resend loses nothing and doubles what was in flight",
          "[long][ledger]") {
    keep_ledger("resend");
}
