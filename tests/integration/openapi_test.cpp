#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/RegularExpression.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "support/world.hpp"

using namespace signalbox::test;
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

bool is_object(const Var& value) {
    return value.type() == typeid(Object::Ptr);
}
bool is_array(const Var& value) {
    return value.type() == typeid(Array::Ptr);
}

/// The part of JSON Schema that the description uses; a keyword it does not know is a fault.
class Checker {
  public:
    explicit Checker(Object::Ptr document) : document_(std::move(document)) {}

    std::vector<std::string> faults;

    void check(const Object::Ptr& schema, const Var& value, const std::string& at) {
        for (const std::string& keyword : schema->getNames())
            check_keyword(keyword, schema, value, at);
    }
    Object::Ptr resolve(const std::string& reference) const {
        Object::Ptr found = document_;
        std::istringstream parts(reference.substr(2));
        for (std::string part; std::getline(parts, part, '/');)
            found = found->getObject(part);
        return found;
    }

  private:
    void fault(const std::string& at, const std::string& what) {
        faults.push_back(at + ": " + what);
    }

    static bool has_type(const std::string& type, const Var& value) {
        if (type == "null") return value.isEmpty();
        if (value.isEmpty()) return false;
        if (type == "object") return is_object(value);
        if (type == "array") return is_array(value);
        if (type == "string") return value.isString();
        if (type == "boolean") return value.isBoolean();
        if (type == "integer") return value.isInteger() && !value.isBoolean();
        return value.isNumeric() && !value.isBoolean();
    }
    bool fits(const Object::Ptr& schema, const Var& value) {
        Checker other(document_);
        other.check(schema, value, "");
        return other.faults.empty();
    }
    void check_keyword(const std::string& keyword, const Object::Ptr& schema, const Var& value,
                       const std::string& at) {
        const Var rule = schema->get(keyword);
        if (keyword == "$ref") {
            check(resolve(rule.toString()), value, at);
        } else if (keyword == "type") {
            bool good = false;
            if (is_array(rule)) {
                for (const Var& type : *rule.extract<Array::Ptr>())
                    good = good || has_type(type.toString(), value);
            } else {
                good = has_type(rule.toString(), value);
            }
            if (!good) fault(at, "its type is none of the accepted");
        } else if (keyword == "const" || keyword == "enum") {
            bool good = false;
            if (keyword == "const") {
                good = !value.isEmpty() && value.toString() == rule.toString();
            } else {
                for (const Var& one : *rule.extract<Array::Ptr>())
                    good = good || (!value.isEmpty() && value.toString() == one.toString());
            }
            if (!good) fault(at, "not one of the accepted values");
        } else if (keyword == "oneOf") {
            int fitting = 0;
            for (const Var& one : *rule.extract<Array::Ptr>())
                fitting += fits(one.extract<Object::Ptr>(), value) ? 1 : 0;
            if (fitting != 1) fault(at, std::to_string(fitting) + " of oneOf fit");
        } else if (keyword == "pattern") {
            Poco::RegularExpression::Match found;
            const bool good =
                value.isString() &&
                Poco::RegularExpression(rule.toString()).match(value.toString(), found) > 0;
            if (!good) fault(at, "does not match " + rule.toString());
        } else if (keyword == "format") {
            const std::string text = value.isEmpty() ? "" : value.toString();
            if (!text.empty() && (text.size() != 24 || text[10] != 'T' || text.back() != 'Z'))
                fault(at, "no date-time");
        } else if (keyword == "required") {
            for (const Var& name : *rule.extract<Array::Ptr>()) {
                if (is_object(value) && !value.extract<Object::Ptr>()->has(name.toString()))
                    fault(at, name.toString() + " is missing");
            }
        } else if (keyword == "properties") {
            if (is_object(value)) check_members(schema, value.extract<Object::Ptr>(), at);
        } else if (keyword == "items") {
            if (is_array(value)) {
                for (const Var& item : *value.extract<Array::Ptr>())
                    check(rule.extract<Object::Ptr>(), item, at + "/*");
            }
        } else if (keyword != "additionalProperties" && keyword != "description") {
            fault(at, "the checker does not know " + keyword);
        }
    }
    void check_members(const Object::Ptr& schema, const Object::Ptr& object,
                       const std::string& at) {
        const Object::Ptr properties = schema->getObject("properties");
        for (const std::string& name : object->getNames()) {
            const std::string below = at + "/" + name;
            if (properties->has(name)) {
                check(properties->getObject(name), object->get(name), below);
            } else if (schema->has("additionalProperties")) {
                fault(below, "is not described");
            }
        }
    }

    const Object::Ptr document_;
};

/// Makes calls, and holds each reply against the description.
class Described {
  public:
    explicit Described(World& world)
        : world_(world), document_(world.as("", "GET", "/openapi.json").json()) {}

    Called call(const std::string& method, const std::string& path, const std::string& target,
                const std::string& body = {}, const std::string& client = "ops") {
        const Called called = world_.as(client, method, target, body);
        INFO(method << " " << target << " " << called.status << " " << called.body);
        std::string lower = method;
        for (char& c : lower)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const auto paths = document_->getObject("paths");
        REQUIRE(paths->has(path));
        const auto responses = paths->getObject(path)->getObject(lower)->getObject("responses");
        const std::string status = std::to_string(called.status);
        if (called.status < 300) REQUIRE(responses->has(status));
        const auto response = responses->getObject(responses->has(status) ? status : "default");
        const auto content = response->getObject("content");
        const std::string type = called.headers.at("content-type");
        const std::string media = type.substr(0, type.find(';'));
        REQUIRE(content->has(media));
        if (media == "application/json") {
            Checker checker(document_);
            checker.check(content->getObject(media)->getObject("schema"),
                          Poco::JSON::Parser().parse(called.body), "");
            for (const std::string& fault : checker.faults)
                FAIL_CHECK(fault);
        }
        return called;
    }

  private:
    World& world_;
    Object::Ptr document_;
};

}  // namespace

TEST_CASE("openapi: every reply is as described", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    Described api(world);
    CHECK(api.call("GET", "/openapi.json", "/openapi.json").status == 200);
    CHECK(api.call("GET", "/healthz", "/healthz").status == 200);
    CHECK(api.call("GET", "/readyz", "/readyz").status == 200);
    CHECK(api.call("GET", "/metrics", "/metrics").status == 200);
    CHECK(api.call("POST", "/v1/auth/access_token", "/v1/auth/access_token",
                   R"({"clientId":"ops","clientSecret":"ops-secret-of-the-test"})")
              .status == 200);
    CHECK(api.call("POST", "/v1/auth/access_token", "/v1/auth/access_token", "{}").status == 422);
    CHECK(api.call("GET", "/v1/actions", "/v1/actions").status == 200);
    CHECK(api.call("GET", "/v1/actions/{action}", "/v1/actions/release").status == 200);
    CHECK(api.call("GET", "/v1/actions/{action}", "/v1/actions/none").status == 404);
    const std::string invocation = R"({"properties":{"name":"x"}})";
    CHECK(
        api.call("POST", "/v1/actions/{action}/preview", "/v1/actions/release/preview", invocation)
            .status == 200);
    const std::string runs = "/v1/actions/{action}/runs";
    CHECK(api.call("POST", runs, "/v1/actions/release/runs", R"({"properties":{}})").status == 422);
    CHECK(api.call("POST", runs, "/v1/actions/release/runs", "{").status == 400);
    CHECK(api.call("POST", runs, "/v1/actions/release/runs", invocation, "pipeline").status == 403);
    const Called invoked = api.call("POST", runs, "/v1/actions/release/runs", invocation);
    REQUIRE(invoked.status == 202);
    const std::string id = invoked.text("run.id");
    const std::string run = "/v1/actions/runs/" + id;
    world.await(id, {"accepted"});
    CHECK(api.call("GET", "/v1/actions/runs", "/v1/actions/runs?limit=5").status == 200);
    CHECK(api.call("GET", "/v1/actions/runs", "/v1/actions/runs?limit=0").status == 422);
    CHECK(api.call("GET", "/v1/actions/runs/{id}", run + "?request=true").status == 200);
    CHECK(api.call("POST", "/v1/actions/runs/{id}/cancel", run + "/cancel").status == 409);
    CHECK(api.call("POST", "/v1/actions/runs/{id}/redeliver", run + "/redeliver").status == 409);
    CHECK(api.call("POST", "/v1/actions/runs/{id}/logs", run + "/logs", R"({"message":"hello"})")
              .status == 201);
    CHECK(api.call("GET", "/v1/actions/runs/{id}/logs", run + "/logs").status == 200);
    CHECK(api.call("PATCH", "/v1/actions/runs/{id}/response", run + "/response",
                   R"({"response":{"id":7}})")
              .status == 200);
    CHECK(api.call("POST", "/v1/actions/runs/{id}/claim", run + "/claim").status == 200);
    CHECK(api.call("POST", "/v1/actions/runs/{id}/claim", run + "/claim").status == 409);
    CHECK(api.call("POST", "/v1/sources/{name}", "/v1/sources/none", "{}", "").status == 401);
    CHECK(api.call("PATCH", "/v1/actions/runs/{id}", run,
                   R"({"status":"SUCCESS","link":["https://a.example"],"summary":"s"})")
              .status == 200);
    CHECK(api.call("PATCH", "/v1/actions/runs/{id}", run, R"({"status":"SUCCESS"})").status == 409);
    CHECK(api.call("GET", "/v1/actions/runs/{id}/events", run + "/events").status == 200);
    CHECK(api.call("GET", "/v1/actions/runs/{id}/events", "/v1/actions/runs/r_x/events").status ==
          404);
    CHECK(api.call("GET", "/v1/events", "/v1/events", "", "pipeline").status == 403);
    CHECK(api.call("GET", "/", "/", "").status == 200);
    CHECK(api.call("GET", "/runs/{id}", "/runs/" + id).status == 200);
    for (const char* hand : {"redeliver", "cancel"}) {
        const std::string many = std::string("/v1/actions/runs/") + hand;
        CHECK(api.call("POST", many, many, R"({"phase":"held","dryRun":true})").status == 200);
        CHECK(api.call("POST", many, many, R"({"dryRun":true})").status == 422);
    }
    // The refused invocations above, once they are on record.
    while (world.as("ops", "GET", "/v1/rejections").text("rejections.0.error").empty()) {
    }
    CHECK(api.call("GET", "/v1/rejections", "/v1/rejections?limit=5").status == 200);
    CHECK(api.call("GET", "/v1/rejections", "/v1/rejections?limit=0").status == 422);
    CHECK(api.call("GET", "/rejections", "/rejections", "").status == 200);
    CHECK(api.call("POST", "/v1/backups", "/v1/backups", R"({"name":"one"})").status == 201);
    CHECK(api.call("POST", "/v1/backups", "/v1/backups", R"({"name":"../one"})").status == 422);
    CHECK(api.call("POST", "/v1/reload", "/v1/reload").status == 200);
}

TEST_CASE("openapi: what is said of a run that waits for approval is as described",
          "[integration]") {
    World world;
    world.folder().write("actions/careful.yaml", R"(identifier: careful
trigger: { type: self-service, operation: CREATE, userInputs: { properties: {} } }
invocationMethod: { type: AZURE_DEVOPS, org: contoso, webhook: release, payload: {} }
requiredApproval: { type: ALL }
)");
    world.start_standin();
    world.start();
    Described api(world);
    const std::string runs = "/v1/actions/{action}/runs";
    const Called asked = api.call("POST", runs, "/v1/actions/careful/runs", "{}", "portal");
    REQUIRE(asked.status == 202);
    const std::string run = "/v1/actions/runs/" + asked.text("run.id");
    const Called shown = api.call("GET", "/v1/actions/runs/{id}", run + "?request=true");
    CHECK(shown.text("upcoming.method") == "POST");
    const std::string approvers = "/v1/actions/runs/{id}/approvers";
    CHECK(api.call("GET", approvers, run + "/approvers?include_pending_approvers=true")
              .text("approvers.0.status") == "PENDING");
    CHECK(api.call("GET", approvers, run + "/approvers?pending=true").status == 422);
    const std::string approval = "/v1/actions/runs/{id}/approval";
    CHECK(api.call("PATCH", approval, run + "/approval", "{}").status == 422);
    CHECK(api.call("PATCH", approval, run + "/approval", R"({"status":"APPROVE"})", "portal")
              .status == 403);
    CHECK(api.call("PATCH", approval, run + "/approval", R"({"status":"DECLINE"})").status == 201);
    CHECK(api.call("PATCH", approval, run + "/approval", R"({"status":"APPROVE"})").status == 409);
    CHECK(api.call("GET", approvers, run + "/approvers").text("approvers.0.status") == "DECLINE");
    CHECK(api.call("GET", "/v1/actions/runs", "/v1/actions/runs").status == 200);
}
