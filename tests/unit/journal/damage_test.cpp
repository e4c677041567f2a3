#include <catch2/catch.hpp>

#include "support.hpp"

namespace signalbox::journal::test {

TEST_CASE("journal: a run whose payload is damaged can be held and the others be read",
          "[journal]") {
    constexpr Sequence runs = 40;
    Desk desk;
    for (Sequence sequence = 1; sequence <= runs; ++sequence) {
        RunSeed seed = seed_of("r_" + std::to_string(sequence));
        seed.payload.assign(8'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    desk.journal.reset();
    damage_leaf(desk.folder.file(), "bodies", 5);
    desk.open();
    CHECK(desk.recover().size() == runs);
    std::size_t damaged = 0;
    for (Sequence sequence = 1; sequence <= runs; ++sequence) {
        const auto loaded = desk.load({sequence});
        if (loaded) {
            CHECK(loaded->size() == 1);
            continue;
        }
        ++damaged;
        CHECK(loaded.error().code == "journal_corrupt");
        CHECK(desk.change(sequence, to_phase(Phase::held)));
    }
    CHECK(damaged > 0);
    CHECK(damaged < runs);
    CHECK(desk.recover().size() == runs - damaged);
}

}  // namespace signalbox::journal::test
