#pragma once

#include <cstdint>
#include <optional>

#include "app/client/api.hpp"
#include "app/context.hpp"

namespace signalbox::app {

/// How a wait ended.
struct Waited {
    ApiReply last;  ///< the newest state that was seen
    int code = 0;   ///< the exit code
};

/// The exit code of a run that needs no more waiting; none while it goes on by itself.
std::optional<int> code_of(const Poco::JSON::Object::Ptr& run);

/// Polls a run, beginning with what is known of it, until it ends or a person must decide. A server
/// that cannot be reached for a while (it restarts, say) is asked again. Progress goes to a
/// terminal only. Errors: what the server refuses.
Result<Waited> wait_for_end(Api& api, ApiReply known, std::optional<std::int64_t> timeout_ms,
                            const Context& context);

}  // namespace signalbox::app
