#pragma once

#include "wiring/assembly.hpp"

namespace signalbox::wiring {

/// Holds `requiredApproval`, the policies' `approval` and the config's `permissions` against each other and
/// against the clients: fills in Offer::approval and Assembly::permissions. After the actions and the
/// policies were read.
void settle_permissions(Assembly& assembly);

}  // namespace signalbox::wiring
