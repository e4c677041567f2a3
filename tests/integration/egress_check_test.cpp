#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "signalbox/check.hpp"
#include "support/world.hpp"

using signalbox::CheckReport;
using signalbox::test::Folder;

namespace {

std::string config_with(const std::string& base_url, const std::string& more) {
    return "plugins: [ azure-pipelines ]\n"
           "connections:\n"
           "  contoso:\n"
           "    plugin: azure-pipelines\n"
           "    settings: { organization: contoso, base_url: \"" +
           base_url +
           "\" }\n"
           "    signing: { scheme: none }\n" +
           more + "actions: actions/*\n";
}

/// The findings about egress, one after another.
std::string egress_findings(const std::string& base_url, const std::string& more = {}) {
    const Folder folder;
    const CheckReport report =
        signalbox::check(folder.write("signalbox.yaml", config_with(base_url, more)));
    CHECK(report.errors == 0);
    std::string text;
    for (const signalbox::Finding& finding : report.findings) {
        if (finding.text.find("egress") != std::string::npos) text += finding.text + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("check: a target on this machine without leave to reach it is a warning at its place",
          "[integration]") {
    setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    for (const char* url : {"http://127.0.0.1:8081/contoso", "http://localhost:8081/contoso"}) {
        const std::string found = egress_findings(url);
        CAPTURE(found);
        CHECK(found.find("signalbox.yaml:5:50: warning: ") != std::string::npos);
        CHECK(found.find("connection 'contoso' will not reach this") != std::string::npos);
        CHECK(found.find("127.0.0.1 is loopback (127.0.0.0/8)") != std::string::npos);
        CHECK(found.find("write egress: { allow: [127.0.0.0/8] }") != std::string::npos);
    }
    const std::string narrow =
        egress_findings("http://10.1.2.3/", "    egress: { allow: [10.2.0.0/16] }\n");
    CHECK(narrow.find("10.1.2.3/32") != std::string::npos);
}

TEST_CASE("check: a target that may be reached is no finding", "[integration]") {
    setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    const std::string loopback = "    egress: { allow: [127.0.0.0/8] }\n";
    CHECK(egress_findings("http://127.0.0.1:8081/contoso", loopback) == "");
    CHECK(egress_findings("http://localhost:8081/contoso", loopback) == "");
    CHECK(egress_findings("https://dev.azure.example/contoso") == "");
    CHECK(egress_findings("https://13.107.42.20/contoso") == "");
}
