#include "dispatch/censor.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;

TEST_CASE("dispatch: a secret is taken out however the target writes it", "[dispatch]") {
    dispatch::Censor censor;
    censor.add("tok+en/with=a b&c<d>#9");
    for (const char* echoed : {
             "tok+en/with=a b&c<d>#9",
             R"(tok+en/with=a b\u0026c\u003cd\u003e#9)",
             R"(tok+en\/with=a b&c<d>#9)",
             "tok%2Ben%2Fwith%3Da%20b%26c%3Cd%3E%239",
             "tok%2ben%2fwith%3da%20b%26c%3cd%3e%239",
             "tok%2Ben%2Fwith%3Da+b%26c%3Cd%3E%239",
             "tok%2ben%2fwith%3da+b%26c%3cd%3e%239",
             "dG9rK2VuL3dpdGg9YSBiJmM8ZD4jOQ==",
         }) {
        CAPTURE(echoed);
        std::string text = "<" + std::string(echoed) + ">";
        censor.censor(text);
        CHECK(text == "<***>");
    }
    std::string other = "tok+en/with";
    censor.censor(other);
    CHECK(other == "tok+en/with");
}
