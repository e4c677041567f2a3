#include "jq/expressions.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/limits.hpp"
#include "jq/messages.hpp"
#include "jq/prelude.hpp"
#include "jq/state.hpp"

namespace signalbox::jq {
namespace {

std::string name_of(std::size_t number) {
    return std::string(prelude_prefix) + "e" + std::to_string(number);
}

/// Halves, so that the last of a hundred is found in seven steps.
void append_choice(std::string& program, std::size_t begin, std::size_t end) {
    if (end - begin == 1) {
        program += name_of(begin);
        return;
    }
    const std::size_t middle = begin + (end - begin) / 2;
    program += "if $__n < " + std::to_string(middle) + " then ";
    append_choice(program, begin, middle);
    program += " else ";
    append_choice(program, middle, end);
    program += " end";
}

/// Each is a function of its own, which sees the prelude and `now` and no other one's names. The
/// line feed ends a comment. At most two results are put in a list: 1.6 ends the process where it is begun anew
/// while an expression could give more.
std::string program_of(const std::string* texts, std::size_t count) {
    std::string program = prelude() + ". as [$__n, $__now, $__context] | def now: $__now;\n";
    for (std::size_t i = 0; i < count; ++i)
        program += "def " + name_of(i) + ": (" + texts[i] + "\n);\n";
    program += "$__context | [limit(2; ";
    append_choice(program, 0, count);
    program += ")]";
    return program;
}

}  // namespace

Expressions::Expressions(const std::vector<std::string>& sources) {
    std::map<std::string_view, std::size_t> known;
    for (const std::string& source : sources) {
        const auto [there, added] = known.emplace(source, known.size());
        unique_.push_back(there->second);
        if (added) texts_.push_back(source);
    }
    places_.resize(texts_.size());
    std::vector<std::string> wrong(texts_.size());
    for (std::size_t begin = 0; begin < texts_.size();) {
        const std::size_t end = std::min(texts_.size(), begin + limits::jq_chunk_expressions_max);
        compile(begin, end);
        begin = end;
    }
    // Said of a text until here, and from here on of each source that has it.
    const std::vector<Refused> of_texts = std::move(refused_);
    refused_.clear();
    for (std::size_t i = 0; i < unique_.size(); ++i) {
        for (const Refused& refused : of_texts) {
            if (refused.index == unique_[i]) refused_.push_back({i, refused.message});
        }
    }
}

void Expressions::compile(std::size_t begin, std::size_t end) {
    std::string program = program_of(&texts_[begin], end - begin);
    ++compiles_;
    State state;
    const std::string said = state.compile(program);
    if (said.empty()) {
        for (std::size_t i = begin; i < end; ++i)
            places_[i] = {programs_.size(), i - begin};
        programs_.push_back(std::move(program));
    } else if (end - begin == 1) {
        refused_.push_back({begin, compile_message(said)});
    } else {
        const std::size_t middle = begin + (end - begin) / 2;
        compile(begin, middle);
        compile(middle, end);
    }
}

}  // namespace signalbox::jq
