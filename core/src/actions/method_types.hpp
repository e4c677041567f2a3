#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The kinds of invocationMethod that Port has, whether or not a plugin serves them here.
namespace signalbox::actions {

struct MethodType {
    const char* name;
    std::vector<std::string> members;  ///< beside `type` and our `connection`; empty: not known
    const char* needs;                 ///< what an action of this type needs: `Port's own Kafka`
};

/// Null: Port has none of that name, but a plugin may.
const MethodType* port_method_type(std::string_view name);

/// With aliases resolved: `AZURE-DEVOPS`, as Port spelled it in its first years, is `AZURE_DEVOPS`.
std::string method_type_name(std::string_view written);

}  // namespace signalbox::actions
