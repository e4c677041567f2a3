#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/changes.hpp"

/// What commits do, as bytes of the log. A field is a number of eight bytes, little endian, or a text's length
/// in four bytes and the text; a record is its kind in one byte and the fields of that kind, in the order in
/// which records.cpp visits them. Append only: a kind's fields never change, another kind takes its place.
namespace signalbox::journal::ahead {

void write_insert(std::string& records, Sequence sequence, const RunSeed& seed, const RunState& state);
/// As Changes::change(); the seed of a run that was there before is in the file.
void write_change(std::string& records, Sequence sequence, const Change& change, std::int64_t line_number,
                  bool ends_first);
void write_rejections(std::string& records, const std::vector<Rejection>& rejections);
void write_told(std::string& records, const ToldUpstream& told);

/// Does again what the records say. False: they are none of ours; then `changes` has some of them.
bool replay(std::string_view records, Changes& changes);

}  // namespace signalbox::journal::ahead
