#include "actions/input_order.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "actions/names.hpp"
#include "base/limits.hpp"

namespace signalbox::actions {
namespace {

using document::Node;
using Kind = document::Node::Kind;

/// In code points, as Port's own limits of a title.
constexpr std::size_t kTitleCharsMax = 140;
constexpr std::size_t kDescriptionCharsMax = 1'000;

std::size_t count_chars(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

class Arrangement {
  public:
    Arrangement(const Node& user_inputs, Report& report)
        : inputs_(user_inputs), report_(report) {
        names_.add(user_inputs.find("properties"));
        names_.add(user_inputs.find("titles"));
    }

    void check() {
        const Node* order = inputs_.find("order");
        const Node* steps = inputs_.find("steps");
        if (order != nullptr && steps != nullptr) {
            report_.error(steps->position,
                          "`userInputs` has both `order` and `steps`; keep one of them");
        }
        if (order != nullptr) check_order(*order);
        if (steps != nullptr && report_.is(*steps, Kind::sequence, "`steps`")) {
            for (const Node& step : steps->items)
                check_step(step);
        }
        const Node* titles = inputs_.find("titles");
        if (titles == nullptr || !report_.is(*titles, Kind::mapping, "`titles`")) return;
        for (const Node::Member& title : titles->members)
            check_title(title.value);
    }

  private:
    void check_order(const Node& order) {
        if (!report_.is(order, Kind::sequence, "`order`")) return;
        for (const Node& name : order.items) {
            if (!report_.is(name, Kind::string, "a name in `order`")) continue;
            if (names_.has(name.text)) continue;
            report_.warning(name.position, "`order` names " + in_quotes(name.text) +
                                               ", which is neither an input nor a title" +
                                               names_.meant(name.text));
        }
    }

    void check_step(const Node& step) {
        if (!report_.is(step, Kind::mapping, "a step")) return;
        report_.refuse_unknown(step, {"title", "order", "visible"}, "a step");
        if (const Node* title = step.find("title")) report_.is(*title, Kind::string, "`title`");
        if (const Node* order = step.find("order")) check_order(*order);
        check_visible(step);
    }

    void check_title(const Node& title) {
        if (!report_.is(title, Kind::mapping, "a title")) return;
        report_.refuse_unknown(title, {"title", "description", "visible"}, "a title");
        check_text(title, "title", 1, kTitleCharsMax);
        check_text(title, "description", 0, kDescriptionCharsMax);
        check_visible(title);
    }

    void check_text(const Node& mapping, const char* key, std::size_t min, std::size_t max) {
        const Node* node = mapping.find(key);
        if (node == nullptr || !report_.is(*node, Kind::string, "`" + std::string(key) + "`"))
            return;
        const std::size_t chars = count_chars(node->text);
        if (chars >= min && chars <= max) return;
        report_.error(node->position, "`" + std::string(key) + "` has " + std::to_string(chars) +
                                          " characters; accepted are " + std::to_string(min) +
                                          " to " + std::to_string(max));
    }

    /// A query in it is the form's own business, and read with the other queries.
    void check_visible(const Node& mapping) {
        const Node* visible = mapping.find("visible");
        if (visible != nullptr && visible->find("jqQuery") == nullptr)
            report_.is(*visible, Kind::boolean, "`visible`");
    }

    const Node& inputs_;
    Report& report_;
    Names names_;
};

/// Walks what waits for what, depth first and without the stack: there may be as many inputs as a
/// document has nodes.
class Dependencies {
  public:
    Dependencies(const Node& properties, Report& report)
        : properties_(properties), report_(report) {
        names_.add(&properties);
        for (const Node::Member& input : properties.members)
            read(input);
    }

    void check_circles() {
        std::set<std::string> done;
        for (const Node::Member& input : properties_.members) {
            if (done.count(input.key) == 0) walk(input.key, done);
        }
    }

  private:
    void read(const Node::Member& input) {
        const Node* list = input.value.find("dependsOn");
        if (list == nullptr || !report_.is(*list, Kind::sequence, "`dependsOn`")) return;
        for (const Node& name : list->items) {
            if (!report_.is(name, Kind::string, "a name in `dependsOn`")) continue;
            if (!names_.has(name.text)) {
                report_.error(name.position, "`dependsOn` names " + in_quotes(name.text) +
                                                 ", which is no input" + names_.meant(name.text));
            } else {
                edges_[input.key].push_back(&name);
            }
        }
    }

    void walk(const std::string& start, std::set<std::string>& done) {
        struct Place {
            std::string name;
            std::size_t next = 0;
        };
        std::vector<Place> path = {{start}};
        std::set<std::string> open = {start};
        while (!path.empty()) {
            Place& here = path.back();
            const std::vector<const Node*>& edges = edges_[here.name];
            if (here.next == edges.size()) {
                done.insert(here.name);
                open.erase(here.name);
                path.pop_back();
                continue;
            }
            const Node& edge = *edges[here.next++];
            if (open.count(edge.text) != 0) {
                report_.error(edge.position,
                              "the input " + in_quotes(here.name) + " depends on " +
                                  (here.name == edge.text
                                       ? std::string("itself; take that out")
                                       : in_quotes(edge.text) +
                                             ", which depends on it; take one of them out"));
            } else if (done.count(edge.text) == 0) {
                open.insert(edge.text);
                path.push_back({edge.text});
            }
        }
    }

    const Node& properties_;
    Report& report_;
    Names names_;
    std::map<std::string, std::vector<const Node*>> edges_;
};

}  // namespace

void check_arrangement(const Node& user_inputs, Report& report) {
    Arrangement(user_inputs, report).check();
}

void check_dependencies(const Node& properties, Report& report) {
    Dependencies(properties, report).check_circles();
}

}  // namespace signalbox::actions
