#include <string>
#include <string_view>

#include "document/reader.hpp"
#include "promise.hpp"

using namespace signalbox::document;

namespace {

void check(const Node& node) {
    PROMISE(node.position.line > 0 && node.position.column > 0);
    for (const Node& item : node.items)
        check(item);
    for (std::size_t i = 0; i < node.members.size(); ++i) {
        PROMISE(node.find(node.members[i].key) == &node.members[i].value);
        check(node.members[i].value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    Problems problems;
    const auto root = read({reinterpret_cast<const char*>(data), bytes}, "fuzz.yaml", problems);
    PROMISE(root || has_errors(problems));
    for (const Problem& problem : problems)
        PROMISE(!problem.message.empty());
    if (root && !has_errors(problems)) check(*root);
    return 0;
}
