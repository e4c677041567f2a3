// Lists and pages of rows that are as large as they may be.
#include <Poco/JSON/Array.h>

#include <catch2/catch.hpp>
#include <vector>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

constexpr std::size_t kPageBytes = 1024 * 1024;
constexpr std::size_t kLineBytes = 64 * 1024;

WorldOptions without_clients() {
    WorldOptions options;
    options.clients = false;
    return options;
}

/// Takes a text of any length, and waits, so that nothing is delivered.
const char* const kLarge = R"(identifier: large
requiredApproval: true
trigger:
  type: self-service
  operation: CREATE
  userInputs:
    properties:
      text: { type: string }
    required: [text]
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: release
  payload: { run: "{{ .run.id }}" }
)";

/// The pages of a list, as many rows as each had, and what `name` of each row is.
struct Pages {
    std::vector<std::size_t> rows;
    std::vector<std::string> names;

    Pages(World& world, const std::string& path, const std::string& list, const std::string& name) {
        for (std::string cursor; rows.size() < 100;) {
            const Called page =
                world.as("", "GET", path + "?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor));
            REQUIRE(page.status == 200);
            CHECK(page.body.size() < 2 * kPageBytes);
            const auto each = page.json()->getArray(list);
            rows.push_back(each->size());
            for (std::size_t i = 0; i < each->size(); ++i)
                names.push_back(page.text(list + "." + std::to_string(i) + "." + name));
            cursor = page.text("next");
            if (cursor.empty()) return;
        }
    }
};

}  // namespace

TEST_CASE("pages: a list of large runs ends each page at its bytes, and the next goes on from there",
          "[integration]") {
    World world(without_clients());
    world.folder().write("actions/large.yaml", kLarge);
    world.start_standin();
    world.start();
    std::vector<std::string> newest_first;
    const std::string text(300 * 1024, 't');
    for (int i = 0; i < 6; ++i) {
        const Called made = world.as("", "POST", "/v1/actions/large/runs",
                                     R"({"properties":{"text":")" + text + "\"}}");
        REQUIRE(made.status == 202);
        newest_first.insert(newest_first.begin(), made.text("run.id"));
    }
    const Pages pages(world, "/v1/actions/runs", "runs", "id");
    CHECK(pages.rows == std::vector<std::size_t>{4, 2});
    CHECK(pages.names == newest_first);
    CHECK(world.as("", "GET", "/").body.find("Older runs") != std::string::npos);
}

TEST_CASE("pages: of a long log a page shows the last lines and says how many it leaves out",
          "[integration]") {
    World world(without_clients());
    world.start_standin();
    world.start();
    const std::string run = world.invoke("long");
    world.await(run, {"accepted"});
    const auto log = [&](const std::string& message) {
        REQUIRE(world.as("", "POST", "/v1/actions/runs/" + run + "/logs",
                         R"({"message":")" + message + "\"}")
                    .status == 201);
    };
    const auto shown = [&] { return world.as("", "GET", "/runs/" + run).body; };
    for (int i = 0; i < 4; ++i)
        log(std::string(kLineBytes, '<'));
    CHECK(shown().find("left out") == std::string::npos);
    for (int i = 4; i < 20; ++i)
        log(std::string(kLineBytes, static_cast<char>('a' + i)));
    const std::string page = shown();
    CHECK(page.find("16 before them are left out") != std::string::npos);
    CHECK(page.size() < kPageBytes);
    CHECK(page.find("pppp") == std::string::npos);
    for (const char* kept : {"qqqq", "rrrr", "ssss", "tttt"})
        CHECK(page.find(kept) != std::string::npos);

    const Pages pages(world, "/v1/actions/runs/" + run + "/logs", "runLogs", "message");
    CHECK(pages.rows == std::vector<std::size_t>{16, 4});
    REQUIRE(pages.names.size() == 20);
    CHECK(pages.names.back() == std::string(kLineBytes, 't'));
}
