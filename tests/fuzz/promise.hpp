#pragma once

#include <cstdio>
#include <cstdlib>

/// What must hold for every input. Ends the program, which libFuzzer and the replay both report
/// with the input that did it.
#define PROMISE(condition)                                                               \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (false)
