// Holds what a journal has accepted against what came to the target.
//
//   bench-ledger JOURNAL_DIRECTORY RECEIVED [ACCEPTED]
//
// RECEIVED is bench-sink's file. Ends with 0 only if every run of the journal came to the target
// once, nothing else came, and no run is left on its way; with ACCEPTED, bench-load's file, also
// only if everything in it is in the journal, and then the times from when a request was due to its
// arrival at the target are told, p50 and p99 in milliseconds.
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "wire.hpp"

namespace {

using Moments = std::unordered_map<std::string, std::vector<std::int64_t>>;

Moments moments_of(const char* file) {
    std::ifstream in(file);
    if (!in) bench::die("bench-ledger: cannot read " + std::string(file));
    Moments moments;
    std::string id;
    std::int64_t at_us = 0;
    while (in >> id >> at_us)
        moments[id].push_back(at_us);
    return moments;
}

struct Recorded {
    std::unordered_set<std::string> ids;
    std::size_t on_their_way = 0;  // queued, sending, retrying, held
};

Recorded recorded_in(const std::string& directory) {
    sqlite3* database = nullptr;
    const std::string file = directory + "/journal.sqlite";
    if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
        bench::die("bench-ledger: cannot open " + file);
    }
    Recorded recorded;
    sqlite3_stmt* rows = nullptr;
    int code = sqlite3_prepare_v2(database, "SELECT id, phase IN (1, 2, 3, 7) FROM runs", -1, &rows,
                                  nullptr);
    while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
        recorded.ids.emplace(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0)));
        recorded.on_their_way += sqlite3_column_int(rows, 1) != 0;
    }
    code = sqlite3_finalize(rows);
    sqlite3_close(database);
    if (code != SQLITE_OK) bench::die("bench-ledger: cannot read " + file);
    return recorded;
}

double at(const std::vector<std::int64_t>& sorted_us, double share) {
    if (sorted_us.empty()) return 0;
    return double(sorted_us[std::size_t(double(sorted_us.size() - 1) * share)]) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3 || argc > 4) {
        bench::die("usage: bench-ledger JOURNAL_DIRECTORY RECEIVED [ACCEPTED]");
    }
    const Recorded recorded = recorded_in(argv[1]);
    const Moments received = moments_of(argv[2]);
    std::size_t missing = 0;
    std::size_t twice = 0;
    std::size_t strangers = 0;
    for (const std::string& id : recorded.ids)
        missing += received.count(id) == 0;
    for (const auto& [id, moments] : received) {
        twice += moments.size() > 1;
        strangers += recorded.ids.count(id) == 0;
    }
    std::size_t unrecorded = 0;
    std::vector<std::int64_t> delivered_us;
    if (argc > 3) {
        for (const auto& [id, due] : moments_of(argv[3])) {
            unrecorded += recorded.ids.count(id) == 0;
            const auto found = received.find(id);
            if (found != received.end())
                delivered_us.push_back(found->second.front() - due.front());
        }
        std::sort(delivered_us.begin(), delivered_us.end());
    }
    const bool exact = missing + twice + strangers + unrecorded + recorded.on_their_way == 0;
    std::printf("%s runs %zu missing %zu twice %zu strangers %zu unrecorded %zu unfinished %zu",
                exact ? "exact" : "BROKEN", recorded.ids.size(), missing, twice, strangers,
                unrecorded, recorded.on_their_way);
    if (argc > 3)
        std::printf(" delivered_ms %.3f %.3f", at(delivered_us, 0.5), at(delivered_us, 0.99));
    std::printf("\n");
    return exact ? 0 : 1;
}
