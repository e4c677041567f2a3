// Invocations that made no run, and what version 3 of the schema added for a run's road.
#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/schema.hpp"
#include "support.hpp"

using namespace signalbox;
using namespace signalbox::journal;
using namespace signalbox::journal::test;

namespace {

Rejection rejection_of(const std::string& action) {
    Rejection rejection;
    rejection.at_ms = 1'700'000'000'456;
    rejection.origin = "API";
    rejection.action = action;
    rejection.code = "invalid_inputs";
    rejection.message = "the inputs are not accepted";
    return rejection;
}

/// The schema's steps up to the one before a run's road, as the Signalbox before this one left them.
void make_version_2(const std::filesystem::path& file) {
    sqlite::Database database(file);
    database.execute("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL;");
    REQUIRE(sqlite::migrate(database, sqlite::migrations().first(2)));
}

}  // namespace

TEST_CASE("journal: rejections come back whole, newest first, page by page", "[journal]") {
    Desk desk;
    Rejection full = rejection_of("deploy");
    full.client = "portal";
    full.pointers = {"/properties/env", "/properties/a~1b\n\"c\""};
    full.run_id = "r_1";
    REQUIRE(desk.keep_rejections({rejection_of("first"), full}));
    REQUIRE(desk.keep_rejections({rejection_of("third")}));
    desk.reopen();
    const auto page = desk.rejections(0, 2);
    REQUIRE(page);
    REQUIRE(page->rejections.size() == 2);
    CHECK(page->rejections[0].action == "third");
    const Rejection& read = page->rejections[1];
    CHECK(read.number == 2);
    CHECK(read.at_ms == full.at_ms);
    CHECK(read.client == "portal");
    CHECK(read.origin == "API");
    CHECK(read.code == full.code);
    CHECK(read.message == full.message);
    CHECK(read.pointers == full.pointers);
    CHECK(read.run_id == "r_1");
    CHECK(page->next == 2);
    const auto rest = desk.rejections(page->next, 2);
    REQUIRE(rest->rejections.size() == 1);
    CHECK(rest->rejections[0].action == "first");
    CHECK(rest->next == 0);
}

TEST_CASE("journal: of rejections the newest are kept, and one more lets the oldest go",
          "[journal]") {
    Desk desk;
    REQUIRE(desk.keep_rejections(
        std::vector<Rejection>(limits::rejections_kept_max, rejection_of("deploy"))));
    const auto oldest = [&desk] {
        std::int64_t before = 0;
        std::pair<std::int64_t, std::size_t> seen{0, 0};
        do {
            const auto page = desk.rejections(before, limits::list_rows_max);
            REQUIRE(page);
            if (!page->rejections.empty()) seen.first = page->rejections.back().number;
            seen.second += page->rejections.size();
            before = page->next;
        } while (before != 0);
        return seen;
    };
    CHECK(oldest() == std::pair<std::int64_t, std::size_t>{1, limits::rejections_kept_max});
    REQUIRE(desk.keep_rejections({rejection_of("one more")}));
    CHECK(oldest() == std::pair<std::int64_t, std::size_t>{2, limits::rejections_kept_max});
}

TEST_CASE("journal: a run's trace and an attempt's address and TLS version come back",
          "[journal]") {
    Desk desk;
    RunSeed seed = seed_of("r_1");
    seed.trace = std::string("\x01\0\xff", 3);
    const auto inserted = desk.insert(seed);
    REQUIRE(inserted);
    REQUIRE(desk.insert(seed_of("r_2")));
    REQUIRE(desk.change(inserted->sequence, [](const Run&) {
        Change change;
        change.attempt.emplace();
        change.attempt->number = 1;
        change.attempt->address = "10.1.2.3:443";
        change.attempt->tls_version = "TLSv1.3";
        return change;
    }));
    desk.reopen();
    const auto found = desk.find("r_1");
    REQUIRE(found);
    CHECK(found->run.seed.trace == seed.trace);
    REQUIRE(found->attempts.size() == 1);
    CHECK(found->attempts[0].address == "10.1.2.3:443");
    CHECK(found->attempts[0].tls_version == "TLSv1.3");
    CHECK(desk.find("r_2")->run.seed.trace.empty());
}

TEST_CASE("journal: a file of the version before keeps its runs and takes rejections",
          "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    std::filesystem::permissions(desk.folder.journal(), std::filesystem::perms::owner_all);
    make_version_2(desk.folder.file());
    run_sql(desk.folder.file(),
            "INSERT INTO runs (id, action, connection, invocation_type, client, origin, "
            "created_ms, phase, effect_possible, due_ms, updated_ms, ended_ms, attempts, "
            "plugin_state_version) VALUES ('r_old', 'deploy', 'contoso', 'T', '', 'API', 1, 8, 0, "
            "0, 1, 1, 1, 0);"
            "INSERT INTO bodies VALUES (1, '{}', NULL, '{}', x'');"
            "INSERT INTO attempts VALUES (1048577, 1, 2, -1, -1, -1, -1, -1, -1, 200, 'accepted', "
            "NULL, 0, 'POST', 'https://a.example/', '', NULL);");
    desk.open();
    const auto old = desk.find("r_old");
    REQUIRE(old);
    CHECK(old->run.seed.trace.empty());
    REQUIRE(old->attempts.size() == 1);
    CHECK(old->attempts[0].address.empty());
    CHECK(old->attempts[0].request.url == "https://a.example/");
    REQUIRE(desk.keep_rejections({rejection_of("deploy")}));
    CHECK(desk.rejections()->rejections.size() == 1);
}
