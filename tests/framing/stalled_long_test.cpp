#include "stalled.hpp"

TEST_CASE("framing: 3900 stalled connections delay nobody and are closed by their deadlines",
          "[framing]") {
    signalbox::net::test::check_stalled(3900);
}
