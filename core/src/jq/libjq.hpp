#pragma once

// The headers of 1.6 do not say by themselves that they are C.
extern "C" {
#include <jq.h>
}
