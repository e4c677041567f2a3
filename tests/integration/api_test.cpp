#include <catch2/catch.hpp>

#include "support/serving.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

World& shared() {
    static World world;
    static const bool started = [] {
        world.start_standin();
        world.start();
        return true;
    }();
    (void)started;
    return world;
}

}  // namespace

TEST_CASE("api: health and readiness need no token", "[integration]") {
    CHECK(call(shared().url(), "GET", "/healthz").body == R"({"ok":true})");
    CHECK(call(shared().url(), "GET", "/readyz").body == R"({"ok":true})");
}

TEST_CASE("api: the token is judged before the right and the right before type and body",
          "[integration]") {
    World& world = shared();
    const std::string path = "/v1/actions/release/runs";
    CHECK(call(world.url(), "POST", path, "junk", {{"Content-Type", "text/plain"}}).status == 401);
    CHECK(call(world.url(), "POST", path, "{}", {{"Authorization", "Bearer sb1.x.y"}}).status ==
          401);
    CHECK(world.as("pipeline", "POST", path, "junk", {{"Content-Type", "text/plain"}}).status ==
          403);
    CHECK(world.as("portal", "POST", path, "junk", {{"Content-Type", "text/plain"}}).status == 415);
    CHECK(world.as("portal", "POST", path, "junk").status == 400);
    const auto typed = [&](const char* name, const char* value) {
        return world.as("portal", "POST", path, "junk", {{name, value}}).status;
    };
    CHECK(typed("Content-Type", "Application/JSON; charset=\"UTF-8\"") == 400);
    CHECK(typed("Content-Type", "application/json; charset=latin1") == 415);
    CHECK(typed("Content-Encoding", "identity") == 400);
    CHECK(typed("Content-Encoding", "gzip") == 415);
    CHECK(world.as("portal", "POST", path, "[]").status == 422);
    CHECK(world.as("portal", "POST", path, R"({"properties":{}})").status == 422);
    CHECK(world.as("portal", "POST", "/v1/actions/nothing/runs", "{}").status == 404);
    CHECK(world.as("portal", "GET", "/v1/nowhere").status == 404);
    const Called wrong = world.as("portal", "DELETE", "/v1/actions/release");
    CHECK(wrong.status == 405);
    CHECK(wrong.headers.at("allow") == "GET");
}

TEST_CASE("api: bad inputs are all named with their pointers", "[integration]") {
    const Called called = shared().as("portal", "POST", "/v1/actions/release/runs",
                                      R"({"properties":{"name":"NO","cuont":2,"count":0}})");
    CHECK(called.status == 422);
    CHECK(called.text("error") == "invalid_inputs");
    CHECK(called.body.find("/properties/name") != std::string::npos);
    CHECK(called.body.find("/properties/cuont") != std::string::npos);
    CHECK(called.body.find("did you mean") != std::string::npos);
    CHECK(called.body.find("/properties/count") != std::string::npos);
}

TEST_CASE("api: a 202 names the run and where to look", "[integration]") {
    const Called called =
        shared().as("portal", "POST", "/v1/actions/release/runs", R"({"properties":{"name":"x"}})");
    CHECK(called.status == 202);
    const std::string id = called.text("run.id");
    CHECK(called.headers.at("location") == "/v1/actions/runs/" + id);
    CHECK(called.text("run.status") == "IN_PROGRESS");
    CHECK(called.text("run.properties.count") == "1");
    CHECK(shared().as("portal", "GET", "/v1/actions/runs/" + id).text("run.id") == id);
    CHECK(shared().as("portal", "GET", "/v1/actions/runs/r_nothing").status == 404);
}

TEST_CASE("api: an idempotency key makes one run and another body under it is refused",
          "[integration]") {
    World& world = shared();
    const std::string path = "/v1/actions/release/runs";
    const std::string body = R"({"properties":{"name":"once"}})";
    const Called first = world.as("portal", "POST", path, body, {{"Idempotency-Key", "k-1"}});
    const Called again = world.as("portal", "POST", path, body, {{"Idempotency-Key", "k-1"}});
    CHECK(first.status == 202);
    CHECK(first.headers.count("idempotency-replayed") == 0);
    CHECK(again.status == 202);
    CHECK(again.headers.at("idempotency-replayed") == "true");
    CHECK(again.text("run.id") == first.text("run.id"));
    const Called other = world.as("portal", "POST", path, R"({"properties":{"name":"other"}})",
                                  {{"Idempotency-Key", "k-1"}});
    CHECK(other.status == 409);
    CHECK(other.text("error") == "idempotency_conflict");
    const Called elsewhere = world.as("ops", "POST", path, body, {{"Idempotency-Key", "k-1"}});
    CHECK(elsewhere.text("run.id") != first.text("run.id"));
    // Only 202s are remembered.
    CHECK(world.as("portal", "POST", path, R"({"properties":{}})", {{"Idempotency-Key", "k-2"}})
              .status == 422);
    CHECK(world.as("portal", "POST", path, body, {{"Idempotency-Key", "k-2"}}).status == 202);
    CHECK(world.as("portal", "POST", path, body, {{"Idempotency-Key", std::string(255, 'k')}})
              .status == 202);
    CHECK(world.as("portal", "POST", path, body, {{"Idempotency-Key", std::string(256, 'k')}})
              .status == 422);
}

TEST_CASE("api: two idempotency keys on one invocation are refused", "[integration]") {
    Serving serving;
    serving.configure("");
    serving.start();
    const Ran ran = run({"/usr/bin/curl", "--silent", "-H", "Content-Type: application/json", "-H",
                         "Idempotency-Key: one", "-H", "Idempotency-Key: two", "-d", "{}",
                         serving.url() + "/v1/actions/any/runs"});
    CHECK_THAT(ran.output, Catch::Matchers::Contains("invalid_idempotency_key"));
}

TEST_CASE("api: a path or a query that is not UTF-8 is refused and not said again",
          "[integration]") {
    World& world = shared();
    const Called path = world.as("ops", "GET", "/v1/actions/runs/r_%ff");
    CHECK(path.status == 400);
    CHECK(path.text("error") == "invalid_path");
    CHECK(world.as("ops", "GET", "/v1/actions/runs/r_%ed%a0%80").status == 400);
    CHECK(world.as("ops", "GET", "/v1/actions/runs/r_%c3%a9").status == 404);
    const Called query = world.as("ops", "GET", "/v1/actions/runs?phase=%ff");
    CHECK(query.status == 422);
    CHECK(query.text("error") == "invalid_query");
}

TEST_CASE("api: a member that is in the query twice is refused", "[integration]") {
    World& world = shared();
    const Called twice = world.as("ops", "GET", "/v1/actions/runs?limit=1&status=SUCCESS&limit=2");
    CHECK(twice.status == 422);
    CHECK(twice.body.find("'limit' is in the query twice") != std::string::npos);
    CHECK(world.as("ops", "GET", "/v1/actions/runs/r_none?request=true&request=false").status == 422);
}

TEST_CASE("api: runs are listed newest first and page by page", "[integration]") {
    World& world = shared();
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i)
        ids.push_back(world.invoke("page" + std::to_string(i)));
    const Called first = world.as("ops", "GET", "/v1/actions/runs?action=release&limit=2");
    CHECK(first.text("runs.0.id") == ids[4]);
    CHECK(first.text("runs.1.id") == ids[3]);
    const Called second = world.as(
        "ops", "GET", "/v1/actions/runs?action=release&limit=2&cursor=" + first.text("next"));
    CHECK(second.text("runs.0.id") == ids[2]);
    CHECK(world.as("ops", "GET", "/v1/actions/runs?action=nothing").text("runs.0.id").empty());
    for (const char* query :
         {"limit=0", "limit=1001", "limit=x", "status=DONE", "phase=lost", "colour=red"}) {
        CHECK(world.as("ops", "GET", std::string("/v1/actions/runs?") + query).status == 422);
    }
    CHECK(world.as("ops", "GET", "/v1/actions/runs?limit=1000").status == 200);
}

TEST_CASE("api: actions show what may be invoked and what not and why", "[integration]") {
    const Called list = shared().as("portal", "GET", "/v1/actions");
    CHECK(list.status == 200);
    CHECK(list.text("actions.0.identifier") == "release");
    CHECK(list.text("actions.0.available") == "true");
    CHECK(shared().as("portal", "GET", "/v1/actions/release").text("action.identifier") ==
          "release");
    CHECK(shared().as("pipeline", "GET", "/v1/actions").status == 403);
}

TEST_CASE("api: without clients only localhost is served and only to its own pages",
          "[integration]") {
    WorldOptions options;
    options.clients = false;
    World world(options);
    world.start_standin();
    world.start();
    const std::string port = world.url().substr(world.url().rfind(':'));
    CHECK(world.as("", "GET", "/v1/actions").status == 200);
    for (const std::string host : {"localhost", "localhost:1", "127.0.0.1", "[::1]:9"}) {
        CHECK(world.as("", "GET", "/v1/actions", "", {{"Host", host}}).status == 200);
    }
    for (const std::string host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil"}) {
        CHECK(world.as("", "GET", "/v1/actions", "", {{"Host", host}}).status == 403);
    }
    CHECK(world.as("", "GET", "/v1/actions", "", {{"Origin", "http://localhost" + port}}).status ==
          200);
    CHECK(world.as("", "GET", "/v1/actions", "", {{"Origin", "http://evil.example"}}).status ==
          403);
    CHECK(world.as("", "GET", "/v1/actions", "", {{"Origin", "http://localhost:1"}}).status == 403);
    CHECK(world.as("", "GET", "/v1/actions", "", {{"Origin", "null"}}).status == 403);
}

TEST_CASE("api: with clients any single Host is accepted", "[integration]") {
    CHECK(shared().as("portal", "GET", "/v1/actions", "", {{"Host", "signalbox.example"}}).status ==
          200);
}

TEST_CASE("api: a token survives a restart", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    CHECK(world.as("ops", "GET", "/v1/actions").status == 200);
    world.stop();
    world.start();
    CHECK(world.as("ops", "GET", "/v1/actions").status == 200);
}
