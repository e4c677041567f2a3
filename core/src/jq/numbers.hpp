#pragma once

#include <cmath>

namespace signalbox::jq {

/// From here on a double does not hold every integer; libjq 1.6 knows doubles only.
inline constexpr double first_inexact_integer = 9007199254740992.0;  // 2^53

/// May this number, which jq gave or was given, stand for another one than it says? Doubles that
/// are written with an exponent (from 1e21) are taken as what they are.
inline bool loses_digits(double number) {
    const double size = std::fabs(number);
    return size >= first_inexact_integer && size < 1e21;
}

}  // namespace signalbox::jq
