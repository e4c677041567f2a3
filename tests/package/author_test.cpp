// A plugin's author, with the installed package and nothing else of ours: from `plugins new` to a
// delivery.
#include <catch2/catch.hpp>
#include <filesystem>

#include "package.hpp"
#include "support/receiver.hpp"
#include "support/serving.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

const std::string kExamples = SIGNALBOX_SOURCE_DIR "/examples";

/// The config for one plugin's file, whose one connection is called `it`.
void configure(Serving& serving, const std::string& file, const std::string& id,
               const std::string& settings) {
    serving.configure("plugins: [ { file: \"" + file +
                      "\" } ]\nconnections:\n  it:\n    plugin: " + id +
                      "\n    settings: " + settings + "\n    egress: { allow: [ 127.0.0.0/8 ] }\n");
}

/// The fenced block that begins with `begins`.
std::string fenced(const std::string& text, const std::string& begins) {
    const std::size_t at = text.find(begins);
    REQUIRE(at != std::string::npos);
    return text.substr(at, text.find("```", at) - at);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

/// Builds a plugin's folder with a compiler and a standard, and runs its own tests.
std::string build_plugin(const std::string& source, const std::string& folder,
                         const std::string& prefix, std::vector<std::string> entries) {
    entries.push_back("-DCMAKE_PREFIX_PATH=" + prefix);
    build(source, folder, std::move(entries));
    return must_run({SIGNALBOX_CTEST, "--test-dir", folder, "--output-on-failure"});
}

}  // namespace

TEST_CASE("author: a new plugin builds and passes its test and is delivered to", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    must_run({"/bin/sh", "-c",
              "cd '" + folder.path().string() +
                  "' && exec '" SIGNALBOX_BIN_DIR "/signalbox' plugins new acme"});
    const std::string built = (folder.path() / "acme" / "build").string();
    const std::string tested = build_plugin(
        (folder.path() / "acme").string(), built, prefix,
        {"-DCMAKE_CXX_COMPILER=" SIGNALBOX_CXX, "-DCMAKE_CXX_FLAGS=" SIGNALBOX_SANITIZER});
    CHECK_THAT(tested, Contains("conformance.acme") && Contains("100% tests passed"));

    const Receiver receiver([](const auto&) {
        return Receiver::Reply{201,
                               {{"Content-Type", "application/json"}},
                               R"({"id":"job-7","url":"https://a.example/7"})"};
    });
    Serving serving;
    // What the new plugin's README says to write, with the service on this machine.
    const std::string readme = must_run({"/bin/cat", (folder.path() / "acme/README.md").string()});
    std::string config = fenced(readme, "plugins:\n");
    replace(config, "./build/signalbox_acme.so", built + "/signalbox_acme.so");
    replace(config, "https://acme.example", "\"" + receiver.url() + "\"");
    serving.configure(config + "    egress: { allow: [ 127.0.0.0/8 ] }\n");
    const std::string method = fenced(readme, "invocationMethod:\n");
    serving.action("nightly", method.substr(method.find('\n') + 1));
    serving.action("any", "  type: ACME\n  job: \"{{ .inputs.word }}\"\n");
    serving.start({{"ACME_TOKEN", "acme-token"}});
    for (const char* action : {"nightly", "any"}) {
        const Called accepted = serving.invoke(action, R"({"word":"build all"})");
        REQUIRE(accepted.status == 202);
        const Called run = serving.await(accepted.text("run.id"), {"accepted"});
        CHECK(run.text("run.externalRunId") == "job-7");
    }
    REQUIRE(receiver.received().size() == 2);
    CHECK(receiver.received()[0].uri == "/jobs/nightly");
    CHECK(receiver.received()[0].headers.at("authorization") == "Bearer acme-token");
    CHECK(receiver.received()[1].uri == "/jobs/build%20all");
}

TEST_CASE("author: a new plugin may have the name of one of the SDK's classes", "[package]") {
    for (const char* name : {"target", "request", "blocking-target", "host"}) {
        CAPTURE(name);
        const Folder folder;
        must_run({"/bin/sh", "-c",
                  "cd '" + folder.path().string() + "' && '" SIGNALBOX_BIN_DIR
                  "/signalbox' plugins new " + name + " && c++ -std=c++17 -Wall -Wextra -Werror"
                  " -fsyntax-only -I" SIGNALBOX_SOURCE_DIR "/sdk/include " + name + "/plugin.cpp"});
    }
}

TEST_CASE("author: both compilers and both standards make the same plugin", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    int count = 0;
    for (const char* compiler : {"g++", "clang++"}) {
        for (const char* standard : {"17", "20"}) {
            CAPTURE(compiler, standard);
            const std::string built =
                (folder.path() / ("build" + std::to_string(++count))).string();
            const std::string tested =
                build_plugin(kExamples + "/custom_target", built, prefix,
                             {std::string("-DCMAKE_CXX_COMPILER=") + compiler,
                              "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror",
                              std::string("-DCMAKE_CXX_STANDARD=") + standard});
            CHECK_THAT(tested, Contains("100% tests passed"));
            const std::string needs = must_run({"ldd", built + "/signalbox_gitlab_pipeline.so"});
            for (const char* foreign : {"Poco", "boost", "ssl", "crypto"})
                CHECK_THAT(needs, !Contains(foreign));
        }
    }
}

TEST_CASE("author: a clang plugin of C++20 is loaded and delivered to", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    const std::string built = (folder.path() / "build").string();
    build_plugin(kExamples + "/custom_target", built, prefix,
                 {"-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_CXX_FLAGS=", "-DCMAKE_CXX_STANDARD=20"});
    const Receiver receiver([](const auto&) {
        return Receiver::Reply{201, {}, R"({"id":47,"web_url":"https://gitlab.example/p/47"})"};
    });
    Serving serving;
    configure(serving, built + "/signalbox_gitlab_pipeline.so", "gitlab-pipeline",
              "{ base_url: \"" + receiver.url() + "\", token: { env: GITLAB_TOKEN } }");
    serving.action("pipeline",
                   "  type: GITLAB\n  projectName: shop\n  groupName: platform/tools\n"
                   "  pipelineVariables: { WORD: \"{{ .inputs.word }}\" }\n");
    serving.start({{"GITLAB_TOKEN", "glpat-x"}});
    const Called accepted = serving.invoke("pipeline", R"({"word":"a \"b\""})");
    REQUIRE(accepted.status == 202);
    const std::string id = accepted.text("run.id");
    CHECK(serving.await(id, {"accepted"}).text("run.externalRunId") == "47");
    REQUIRE(receiver.received().size() == 1);
    const auto got = receiver.received().front();
    CHECK(got.uri == "/api/v4/projects/platform%2Ftools%2Fshop/pipeline");
    CHECK(got.headers.at("private-token") == "glpat-x");
    CHECK(got.body == R"({"ref":"main","variables":[{"key":"SIGNALBOX_RUN_ID","value":")" + id +
                          R"("},{"key":"WORD","value":"a \"b\""}]})");
}

TEST_CASE("author: a plugin in plain C is built and loaded and delivered to", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    for (const char* compiler : {"gcc", "clang"}) {
        CAPTURE(compiler);
        const std::string built = (folder.path() / compiler).string();
        const std::string tested = build_plugin(
            kExamples + "/target_in_c", built, prefix,
            {std::string("-DCMAKE_C_COMPILER=") + compiler, "-DCMAKE_C_STANDARD=11",
             "-DCMAKE_C_EXTENSIONS=OFF", "-DCMAKE_C_FLAGS=-Wall -Wextra -pedantic -Werror"});
        CHECK_THAT(tested, Contains("100% tests passed"));
    }
    const Receiver receiver([](const auto&) { return Receiver::Reply{204, {}, ""}; });
    Serving serving;
    configure(serving, (folder.path() / "gcc" / "signalbox_notify.so").string(), "notify",
              "{ url: \"" + receiver.url() + "/topic\" }");
    serving.action("tell", "  type: NOTIFY\n  payload: { word: \"{{ .inputs.word }}\" }\n");
    serving.start();
    const std::string id = serving.invoke("tell", R"({"word":"hello"})").text("run.id");
    serving.await(id, {"accepted"});
    REQUIRE(receiver.received().size() == 1);
    CHECK(receiver.received()[0].uri == "/topic");
    CHECK(receiver.received()[0].headers.at("x-delivery") == id);
    CHECK(receiver.received()[0].body == R"({"word":"hello"})");
}

TEST_CASE("author: the blocking example builds and passes its test", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    const std::string tested =
        build_plugin(kExamples + "/run_command", (folder.path() / "build").string(), prefix,
                     {"-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"});
    CHECK_THAT(tested, Contains("conformance.run-command") && Contains("100% tests passed"));
}

TEST_CASE("author: pkg-config is enough to compile a plugin", "[package]") {
    Folder folder;
    const std::string prefix = (folder.path() / "prefix").string();
    install(prefix, {"sdk"});
    const std::string file = (folder.path() / "signalbox_notify.so").string();
    must_run({"/bin/sh", "-c",
              "cc -std=c11 -shared -fPIC -fvisibility=hidden '" + kExamples +
                  "/target_in_c/notify.c' -o '" + file +
                  "' $(" SIGNALBOX_PKG_CONFIG " --cflags --libs signalbox-sdk)"},
             {{"PKG_CONFIG_PATH", prefix + "/" SIGNALBOX_LIBDIR "/pkgconfig"}});
    CHECK_THAT(must_run({SIGNALBOX_BIN_DIR "/signalbox", "plugins", "inspect", file}),
               Contains("notify"));
}

TEST_CASE("author: what the guide shows is what these tests build", "[package]") {
    const std::string guide = must_run({"/bin/cat", SIGNALBOX_SOURCE_DIR "/docs/plugin-guide.md"});
    // A listing of code or config stands behind the name of its file, and is a part of it.
    for (const char* language : {"```cpp", "```cmake", "```yaml", "```json", "```c\n"}) {
        for (std::size_t fence = guide.find(language); fence != std::string::npos;
             fence = guide.find(language, fence + 1)) {
            const std::size_t line = guide.rfind('\n', fence - 2) + 1;
            CAPTURE(guide.substr(fence, 80));
            CHECK(guide.compare(line, 10, "<!-- from ") == 0);
        }
    }
    std::size_t at = 0;
    int listings = 0;
    while ((at = guide.find("<!-- from ", at)) != std::string::npos) {
        const std::size_t name_at = at + 10;
        const std::string name = guide.substr(name_at, guide.find(' ', name_at) - name_at);
        const std::size_t open = guide.find("```", name_at);
        const std::size_t begin = guide.find('\n', open) + 1;
        const std::size_t end = guide.find("```", begin);
        const std::string listing = guide.substr(begin, end - begin);
        const std::string source = must_run({"/bin/cat", SIGNALBOX_SOURCE_DIR "/" + name});
        CAPTURE(name, listing);
        CHECK(listing.size() > 20);
        CHECK(source.find(listing) != std::string::npos);
        ++listings;
        at = end;
    }
    CHECK(listings >= 5);
}
