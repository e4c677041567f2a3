#pragma once

/// The smallest descriptor that is accepted, under an id and an ABI's major version.
#define TEST_DESCRIPTOR(id, major)                                         \
    "{\"abi\":{\"major\":" #major ",\"minor\":0},\"id\":\"" id             \
    "\",\"version\":\"1.0.0\",\"description\":\"For tests.\","             \
    "\"invocation_types\":{\"TEST\":{\"type\":\"object\",\"properties\":{" \
    "\"mode\":{\"type\":\"string\",\"description\":\"What to do.\"}},"     \
    "\"additionalProperties\":false}},"                                    \
    "\"settings\":{\"type\":\"object\",\"properties\":{"                   \
    "\"mode\":{\"type\":\"string\",\"description\":\"What to do.\"}},"     \
    "\"additionalProperties\":false}}"
