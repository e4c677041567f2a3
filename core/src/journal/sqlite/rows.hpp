#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"

/// Rows and the structs they hold. The columns of each are named once, here, in the order in which
/// they are bound and read. What is bound is not copied: it must outlive the Query.
namespace signalbox::journal::sqlite {

struct Columns {
    static const std::string run;    ///< seed, then state; read with read_run after `runs.sequence`
    static const std::string state;  ///< what a change replaces
    static const std::string attempt;  ///< after `key`
    /// The same of the attempt that stands in its run's row, after which `first_room` follows.
    static const std::string first;
    static const std::string log;      ///< from created_ms on
    /// Of `bodies`, for bind_bodies after `sequence`.
    static const std::string bodies;
    /// Of `bodies`, read with read_members: the inputs, from wherever they stand.
    static const std::string members;
};
/// "?, ?, …", one for each column of a list.
std::string placeholders(const std::string& columns);
/// "a = ?, b = ?, …"
std::string assignments(const std::string& columns);

/// Where an attempt stands: the attempts of a run are neighbours, in order, and runs follow one
/// another. `number` from 0 to attempt_number_max.
std::int64_t attempt_key(Sequence sequence, std::int64_t number);
inline constexpr std::int64_t attempt_number_max = (std::int64_t{1} << 20) - 1;

/// Everything of the seed that stands in `runs`.
void bind_seed(Query& query, const RunSeed& seed);
/// `place` is place_of_properties() of the same seed.
void bind_bodies(Query& query, const RunSeed& seed, const std::string& place);
/// Most inputs are sent as they came, and those that make up most of the payload are not written beside it
/// again: in their column stands `AT,BYTES`, their place in the payload, without the brace that closes them,
/// because more members may follow them there. Empty: they are written out.
std::string place_of_properties(const RunSeed& seed);
/// The inputs themselves: what `properties` says, or what stands in that place of `payload`.
std::string properties_at(std::string properties, std::string_view payload);
/// `approval` is approval_column() of the same state.
void bind_state(Query& query, const RunState& state, const std::string& approval);
std::string approval_column(const RunState& state);
void bind_attempt(Query& query, const Attempt& attempt);
/// `first_room`: an ended attempt needs more of its row than an open one, and that is kept free from the
/// beginning, because a row that grew would push its neighbours to another page.
void bind_room(Query& query, const RunState& state);
/// Does the change end the attempt that its run's row has room for?
bool ends_first(const Run& run, const Change& change);
void bind_log(Query& query, const LogLine& line);

/// `sequence`, then Columns::run. The bodies stay empty.
Run read_run(Query& query);
/// Columns::members.
void read_members(Query& query, RunSeed& seed);
/// `key`, then Columns::attempt.
Attempt read_attempt(Query& query);
/// Columns::first; none: no attempt stands in the row.
std::optional<Attempt> read_first(Query& query);
/// number, then Columns::log.
LogLine read_log(Query& query);

}  // namespace signalbox::journal::sqlite
