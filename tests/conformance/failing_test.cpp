// Each test of the kit is shown to fail, by a plugin that is broken in that way and in no other.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "kit.hpp"
#include "support/child.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

struct Case {
    const char* broken;
    const char* test;
    const char* status;
};

/// The test that is named finds it, run alone: another one may find it as well.
void check_found(const std::string& plugin, const Case& one) {
    CAPTURE(one.broken, one.test);
    const std::string only = std::string("^") + one.test + "$";
    const Findings findings = examine(test_plugin(plugin), {"--only", only}, one.broken);
    REQUIRE(findings.status.size() == 1);
    CAPTURE(findings.message.at(one.test));
    // What ends a process, or is caught on its way, depends on the optimiser: both are findings.
    const bool found_otherwise = std::string(one.status) == "crashed" &&
                                 findings.status.at(one.test) == "failed";
    if (!found_otherwise) CHECK(findings.status.at(one.test) == one.status);
    CHECK(findings.code == (std::string(one.status) == "warning" ? 0 : 1));
}

void check_file(const std::string& file, const std::string& test, const std::string& status,
                const std::string& says) {
    const Findings findings = examine(file, {"--only", "^" + test + "$"});
    CHECK(findings.status.at(test) == status);
    CHECK_THAT(findings.message.at(test), Catch::Matchers::Contains(says));
}

}  // namespace

TEST_CASE("conformance: what is wrong with a file is found", "[conformance]") {
    check_file(test_plugin("no_plugin"), "note-present", "failed", "without a Signalbox note");
    check_file(test_plugin("newer_major"), "note-valid", "failed", "this Signalbox loads 1.x");
    check_file(test_plugin("throwing"), "describes-itself", "warning", "names no license");
    check_file(test_plugin("exporting"), "exports-only-entry", "failed", "version script");
    check_file(test_plugin("no_entry"), "exports-only-entry", "failed", "exports no");
    check_file(test_plugin("exporting"), "no-unique-symbols", "failed", "-fno-gnu-unique");
    check_file(test_plugin("exporting"), "stands-alone", "warning", "libcrypto");
    check_file(test_plugin("unresolved"), "loads-now", "failed", "cannot be opened");
    check_file(test_plugin("other_descriptor"), "descriptor-is-the-note", "failed", "differs");

    const Folder folder;
    const std::string copy = (folder.path() / "other_name.so").string();
    std::filesystem::copy_file(test_plugin("acme"), copy);
    check_file(copy, "file-name", "warning", "signalbox_acme.so");
    REQUIRE(::chmod(copy.c_str(), 0666) == 0);
    check_file(copy, "file-mode", "failed", "chmod go-w");
}

TEST_CASE("conformance: what is wrong at load time and in the entry is found", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"load-throws", "loads-now", "crashed"},
             {"load-slowly", "loads-quickly", "warning"},
             {"entry-refuses", "entry-answers", "failed"},
             {"entry-needs-services", "entry-without-services", "crashed"},
             {"entry-changes", "entry-twice", "failed"},
             {"writes-beyond", "entry-small-table", "failed"},
             {"writes-newer", "entry-large-table", "failed"},
             {"refuses-newer", "newer-host", "failed"},
             {"extends-anything", "unknown-extension", "failed"},
             {"blocks-undeclared", "delivery-as-declared", "failed"},
         }) {
        check_found("broken", one);
    }
}

TEST_CASE("conformance: what is wrong with connections is found", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"connect-refuses", "connect-valid", "skipped"},
             {"connect-aborts", "connect-valid", "crashed"},
             {"connect-needs-services", "connect-without-services", "crashed"},
             {"connect-crashes", "connect-odd-settings", "crashed"},
             {"connect-leaks", "connect-many", "failed"},
             {"connections-know", "two-connections", "failed"},
             {"connect-threads", "no-threads", "failed"},
             {"connect-opens", "no-descriptors", "failed"},
             {"calls-from-thread", "own-thread-only", "failed"},
             {"secret-in-url", "secret-stays-secret", "failed"},
         }) {
        if (std::string(one.status) == "skipped") {
            // Refused settings may be the settings' fault: with settings that are given it is not.
            const Folder folder;
            const auto file = folder.write("settings.json", R"({"token": "t"})");
            const Findings findings =
                examine(test_plugin("broken"),
                        {"--only", "^connect-valid$", "--settings", file.string()}, one.broken);
            CHECK(findings.status.at("connect-valid") == "failed");
            continue;
        }
        check_found("broken", one);
    }
}

TEST_CASE("conformance: what is wrong with planning is found", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"plan-nothing", "plan-works", "failed"},
             {"plan-counts", "plan-is-pure", "failed"},
             {"keeps-pointer", "keeps-no-pointer", "failed"},
             {"reads-beyond", "plan-older-host", "failed"},
             {"plan-numbers", "plan-attempts", "warning"},
             {"plan-aborts-large", "plan-large-payload", "crashed"},
             {"plan-aborts-state", "plan-unknown-state", "crashed"},
             {"plan-slowly", "plan-quickly", "warning"},
             {"step-plans-nowhere", "step-plans", "failed"},
             {"step-throws", "step-judges", "failed"},
         }) {
        check_found("broken", one);
    }
}

TEST_CASE("conformance: what is wrong with judging is found", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"ignores-seconds", "retry-after-seconds", "failed"},
             {"ignores-date", "retry-after-date", "failed"},
             {"aborts-on-soon", "retry-after-garbage", "crashed"},
             {"takes-401", "sign-in-401", "failed"},
             {"takes-203", "sign-in-203", "failed"},
             {"takes-errors", "errors-are-no-success", "failed"},
             {"takes-redirects", "redirects-are-no-success", "failed"},
             {"retries-doubt", "doubt-is-unknown", "warning"},
             {"throws-truncated", "truncated-reply", "failed"},
             {"throws-on-garbage", "garbage-reply", "failed"},
             {"aborts-large", "ten-megabytes", "crashed"},
             {"aborts-599", "bare-replies", "crashed"},
             {"aborts-headers", "odd-headers", "crashed"},
             {"judge-counts", "judge-is-pure", "failed"},
             {"quotes", "reply-is-not-quoted", "warning"},
             {"state-lost", "state-round-trip", "failed"},
             {"undeclared", "capabilities-hold", "warning"},
         }) {
        check_found("broken", one);
    }
}

TEST_CASE("conformance: what is wrong with blocking targets is found", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"check-changes", "check-is-pure", "failed"},
             {"deliver-anyway", "deliver-over-time", "failed"},
             {"deliver-throws", "deliver-over-time", "failed"},
             {"deliver-calls-from-thread", "deliver-own-thread", "failed"},
         }) {
        check_found("broken_blocking", one);
    }
    const Findings hung =
        examine(test_plugin("broken_blocking"), {"--only", "^deliver-over-time$", "--timeout", "1"},
                "deliver-never-returns");
    CHECK(hung.status.at("deliver-over-time") == "failed");
    CHECK_THAT(hung.message.at("deliver-over-time"),
               Catch::Matchers::Contains("did not come back"));
}

TEST_CASE("conformance: what only some inputs bring out is found and reproduced", "[conformance]") {
    for (const Case& one : std::vector<Case>{
             {"connect-throws-on-zone", "fuzz-settings", "failed"},
             {"injects", "fuzz-invocations", "failed"},
             {"throws-on-message", "fuzz-replies", "failed"},
         }) {
        check_found("broken", one);
        const std::string only = std::string("^") + one.test + "$";
        const auto first = examine(test_plugin("broken"), {"--only", only}, one.broken);
        const auto again = examine(test_plugin("broken"), {"--only", only}, one.broken);
        CHECK_THAT(first.message.at(one.test), Catch::Matchers::Contains("--reproduce 7"));
        CHECK(first.message.at(one.test) == again.message.at(one.test));
    }
}

TEST_CASE("conformance: every test of the kit was shown to fail", "[conformance]") {
    // The names above, held against the kit's own list, so that a new test cannot be forgotten.
    const std::string list = run({SIGNALBOX_BIN_DIR "/signalbox-conformance", "--list"}).output;
    const std::string source =
        run({"/bin/cat", SIGNALBOX_SOURCE_DIR "/tests/conformance/failing_test.cpp"}).output;
    std::size_t begin = 0;
    int count = 0;
    while (begin < list.size()) {
        const std::string name = list.substr(begin, list.find(':', begin) - begin);
        begin = list.find('\n', begin) + 1;
        ++count;
        CAPTURE(name);
        CHECK(source.find('"' + name + '"') != std::string::npos);
    }
    CHECK(count > 40);
}
