#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

/// The expressions of everything that was loaded together.
namespace signalbox::jq {

/// Compiled once to see that they are right, and kept as the programs that each thread compiles for
/// itself when it first needs them. Immutable; shared between threads.
class Expressions {
  public:
    struct Refused {
        std::size_t index;    ///< of the source
        std::string message;  ///< jq's own
    };

    /// `sources` as make_source() gives them; each keeps its index. Equal ones are compiled once.
    /// They go to libjq in chunks of at most limits::jq_chunk_expressions_max, because a compile
    /// takes about 13 ms whatever its size; a chunk that is refused is halved until what is wrong
    /// stands alone. Blocks. Any thread.
    explicit Expressions(const std::vector<std::string>& sources);

    const std::vector<Refused>& refused() const { return refused_; }
    std::size_t compiles() const { return compiles_; }  ///< how often libjq was asked

    /// A program, and which of its expressions.
    struct Place {
        std::size_t chunk = 0;
        std::size_t number = 0;
    };
    const Place& place(std::size_t index) const { return places_[unique_[index]]; }
    const std::string& source(std::size_t index) const { return texts_[unique_[index]]; }
    std::size_t chunks() const { return programs_.size(); }
    /// Of a chunk. Its input is [number, seconds, context]: `now` is those seconds. It gives a list of the
    /// expression's first two results.
    const std::string& program(std::size_t chunk) const { return programs_[chunk]; }

  private:
    void compile(std::size_t begin, std::size_t end);

    std::vector<std::string> texts_;   // different ones
    std::vector<std::size_t> unique_;  // of each source, its text
    std::vector<Place> places_;        // of each text
    std::vector<std::string> programs_;
    std::vector<Refused> refused_;
    std::size_t compiles_ = 0;
};

}  // namespace signalbox::jq
