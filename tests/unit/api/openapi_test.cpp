#include "api/openapi.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "api/api.hpp"
#include "json/door.hpp"

using namespace signalbox;

namespace {

std::string as_pattern(const std::string& path) {
    std::string pattern;
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] != '{') {
            pattern += path[at];
            continue;
        }
        pattern += '*';
        at = path.find('}', at);
    }
    return pattern;
}

}  // namespace

TEST_CASE("api: the description names exactly the routes that are served", "[api]") {
    const auto document = json::parse(api::openapi_document);
    REQUIRE(document);
    std::set<std::string> described;
    std::set<std::string> open;
    for (const auto& path : document->at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            std::string method(operation.key());
            for (char& c : method)
                c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            const std::string name = method + " " + as_pattern(std::string(path.key()));
            described.insert(name);
            if (operation.value().as_object().contains("security")) open.insert(name);
        }
    }
    std::set<std::string> served;
    std::set<std::string> served_open;
    for (const api::Api::Route& route : api::Api::routes()) {
        std::string name = std::string(route.method) + " ";
        for (const std::string& part : route.pattern)
            name += "/" + part;
        served.insert(name);
        if (route.right == 0) served_open.insert(name);
    }
    CHECK(described == served);
    CHECK(open == served_open);
}
