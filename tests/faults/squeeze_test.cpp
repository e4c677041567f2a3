// A disk that fills up, and a process that runs out of descriptors, under load and back: the same
// exact ledger as after a kill.
#include <catch2/catch.hpp>

#include "ledger.hpp"

using namespace signalbox::test;

namespace {

void check_squeeze(const std::string& on_unknown, const std::string& commits = "file") {
    LedgerOptions options;
    options.commits = commits;
    options.on_unknown = on_unknown;
    options.kills = 0;
    check_bounds(squeeze(options), options);
}

}  // namespace

TEST_CASE("faults: under hold a full disk and no descriptors lose nothing and double nothing",
          "[faults]") {
    check_squeeze("hold");
}

TEST_CASE("faults: under resend a full disk and no descriptors lose nothing and double nothing",
          "[faults]") {
    check_squeeze("resend");
}

TEST_CASE("faults: with a log before the file a full disk and no descriptors lose nothing", "[faults]") {
    check_squeeze("hold", "log");
}
