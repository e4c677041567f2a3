#include "api/reply.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace signalbox;
using namespace signalbox::api;

namespace {

std::string header(const net::Response& response, const std::string& name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) return value;
    }
    return {};
}

}  // namespace

TEST_CASE("api: whoever is turned away for now is told when to come back", "[api]") {
    const char* code = GENERATE("backlog_full", "shutting_down", "journal_unavailable",
                                "journal_busy", "journal_corrupt");
    const net::Response response = failed(Error{code, "why"});
    INFO(code);
    CHECK(response.status == 503);
    CHECK(header(response, "Retry-After") == "1");
    CHECK(header(failed(Error{"run_not_found", "no run"}), "Retry-After").empty());
}
