#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document/reader.hpp"
#include "sources/sources.hpp"
#include "support/signed_message.hpp"

namespace sources_test {

namespace sources = signalbox::sources;
namespace signing = signalbox::signing;

inline constexpr std::int64_t kNow_s = 1'713'277'889;  // of Port's published vector

/// Body B of Port's published vector (port-agent's tests), 825 bytes.
inline const std::string kBodyB =
    R"({"action":"Create","resourceType":"run","status":"TRIGGERED","trigger":{"by":{"orgId":"test_org",)"
    R"("userId":"test_user"},"origin":"UI","at":"2022-11-16T16:31:32.447Z"},"context":{"entity":null,)"
    R"("blueprint":"Service","runId":"r_jE5FhDURh4Uen2Qr"},"payload":{"entity":null,"action":{"id":)"
    R"("action_34aweFQtayw7SCVb","identifier":"Create","title":"Create","icon":"DefaultBlueprint",)"
    R"("userInputs":{"properties":{"foo":{"type":"string","description":"Description"},"bar":{"type":)"
    R"("number","description":"Description"}},"required":[]},"invocationMethod":{"type":"WEBHOOK",)"
    R"("agent":true,"url":"http://localhost:80/api/test"},"trigger":"CREATE","description":"",)"
    R"("blueprint":"Service","createdAt":"2022-11-15T09:58:52.863Z","createdBy":"test_user",)"
    R"("updatedAt":"2022-11-15T09:58:52.863Z","updatedBy":"test_user"},"properties":{}},"headers":{}})";

inline sources::Source source_of(signing::Scheme scheme, std::vector<std::string> keys = {"test"}) {
    sources::Source source;
    source.name = "port";
    source.scheme = scheme;
    source.header = signing::default_header(scheme);
    for (char& c : source.header)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    source.keys = std::move(keys);
    return source;
}

using Pairs = std::vector<sources::Header>;

inline Pairs pairs(const signalbox::test::Headers& headers) {
    return {headers.begin(), headers.end()};
}

inline signalbox::actions::Template compiled(std::string_view yaml) {
    signalbox::document::Problems problems;
    auto node = signalbox::document::read(yaml, "f", problems);
    auto made =
        signalbox::actions::Template::compile_paths(*node, "f", problems, sources::message_roots());
    REQUIRE(problems.empty());
    return made;
}

}  // namespace sources_test
