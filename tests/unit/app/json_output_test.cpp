// --json of the commands that work without a server: one object, on standard output.
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>

#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using Poco::JSON::Object;

namespace {

Object::Ptr object_of(const test::Ended& ended) {
    INFO(ended.out);
    return Poco::JSON::Parser().parse(ended.out).extract<Object::Ptr>();
}

}  // namespace

TEST_CASE("app: plugins list and inspect print what the files say as JSON", "[app]") {
    test::Program program;
    program.core.list_plugins_on_path = [] {
        return std::vector<PluginInfo>{{"acme", "/a/signalbox_acme.so", "1.0.0", "", "{}"},
                                       {"", "/a/\"b\".so", "", "it is no plugin", ""}};
    };
    program.core.inspect_plugin = [](const auto& file) -> Result<PluginInfo> {
        return PluginInfo{"acme", file.string(), "1.0.0", "", R"({"id":"acme"})"};
    };
    const test::Directory directory;
    const auto listed = program.run({"plugins", "list", "--json"});
    CHECK(listed.code == exit_code::failure);
    const auto list = object_of(listed);
    CHECK_FALSE(list->getValue<bool>("ok"));
    const auto plugins = list->getArray("plugins");
    REQUIRE(plugins->size() == 2);
    CHECK(plugins->getObject(0)->getValue<std::string>("plugin") == "acme");
    CHECK(plugins->getObject(0)->isNull("problem"));
    CHECK(plugins->getObject(1)->isNull("plugin"));
    CHECK(plugins->getObject(1)->getValue<std::string>("file") == "/a/\"b\".so");
    CHECK(plugins->getObject(1)->getValue<std::string>("problem") == "it is no plugin");

    const auto inspected = program.run({"plugins", "inspect", "x.so", "--json"});
    CHECK(inspected.code == exit_code::success);
    const auto one = object_of(inspected)->getArray("plugins")->getObject(0);
    CHECK(one->getObject("descriptor")->getValue<std::string>("id") == "acme");
}

TEST_CASE("app: plugins new prints the files it made as JSON", "[app]") {
    const test::Directory directory;
    test::Program program;
    const auto made = program.run({"plugins", "new", "acme", "--json"});
    CHECK(made.code == exit_code::success);
    CHECK(object_of(made)->getArray("files")->size() == 3);
}

TEST_CASE("app: an offline preview prints the server's form of a request as JSON", "[app]") {
    test::Program program;
    program.core.preview = [](const auto&, const auto&, const auto&) -> Result<Preview> {
        return Preview{"POST", "https://x", "A: b: c\nEmpty: \n", "{\"a\":1}"};
    };
    const auto shown =
        program.run({"preview", "deploy", "--offline", "--config", "c.yaml", "--json"});
    CHECK(shown.code == exit_code::success);
    const auto request = object_of(shown)->getObject("request");
    CHECK(request->getValue<std::string>("method") == "POST");
    CHECK(request->getValue<std::string>("url") == "https://x");
    CHECK(request->getValue<std::string>("body") == "{\"a\":1}");
    const auto headers = request->getArray("headers");
    REQUIRE(headers->size() == 2);
    CHECK(headers->getObject(0)->getValue<std::string>("name") == "A");
    CHECK(headers->getObject(0)->getValue<std::string>("value") == "b: c");
    CHECK(headers->getObject(1)->getValue<std::string>("value").empty());
}

TEST_CASE("app: sign and verify print their verdicts as JSON", "[app]") {
    test::Program program;
    program.core.sign = [](auto, auto, auto, std::int64_t, auto) -> Result<std::string> {
        return std::string("v1,abc=");
    };
    bool good = true;
    program.core.verify = [&good](auto, auto, auto, auto, auto, auto, std::int64_t,
                                  std::int64_t) -> Result<Done> {
        if (good) return Done{};
        return Error{"signature_invalid", "another \"key\""};
    };
    const auto signed_ = object_of(
        program.run({"sign", "--scheme", "port-v1", "--key", "k", "--timestamp", "42", "--json"}));
    CHECK(signed_->getValue<std::string>("signature") == "v1,abc=");
    CHECK(signed_->getValue<int>("timestamp") == 42);
    CHECK_FALSE(object_of(program.run({"sign", "--scheme", "hmac-sha1-hex", "--key", "k", "--json"}))
                    ->has("timestamp"));
    const std::vector<std::string> verify = {"verify", "--scheme",    "port-v1", "--key",
                                             "k",      "--signature", "s",       "--json"};
    const auto valid = program.run(verify);
    CHECK(valid.code == exit_code::success);
    CHECK(object_of(valid)->getValue<bool>("valid"));
    good = false;
    const auto invalid = program.run(verify);
    CHECK(invalid.code == exit_code::failure);
    CHECK_FALSE(object_of(invalid)->getValue<bool>("valid"));
    CHECK(object_of(invalid)->getValue<std::string>("reason") == "another \"key\"");
}
