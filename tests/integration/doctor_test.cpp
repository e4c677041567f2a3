#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

TEST_CASE("doctor: a sound world is found good and its target reached", "[integration]") {
    World world;
    world.start_standin();
    const Ran ran = world.cli({"doctor", "--config", world.config().string()});
    INFO(ran.output);
    for (const char* name : {"config and keys", "journal", "clock", "descriptors",
                             "plugin azure-pipelines", "target contoso"}) {
        CHECK(ran.output.find(std::string("good  ") + name) != std::string::npos);
    }
    CHECK(ran.output.find("connect") != std::string::npos);
    CHECK(ran.code == 0);
    CHECK(world.received().empty());
}

TEST_CASE("doctor: a target that is gone and a key that is missing are named with what to do",
          "[integration]") {
    World world;
    world.start_standin();
    world.stop_standin();
    const Ran gone = world.cli({"doctor", "--config", world.config().string()});
    INFO(gone.output);
    CHECK(gone.code == 1);
    CHECK(gone.output.find("BAD   target contoso") != std::string::npos);
    CHECK(gone.output.find("see that it runs") != std::string::npos);

    const Ran keyless = world.cli({"doctor", "--json", "--config", world.config().string()},
                                  {{"AZURE_SECRET", ""}});
    CHECK(keyless.code == 1);
    CHECK(keyless.output.find("AZURE_SECRET") != std::string::npos);
    CHECK(keyless.output.find("\"ok\":false") != std::string::npos);
}
