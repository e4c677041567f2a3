#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace signalbox::net::test {

/// One file of tests/data/framing: the bytes that a client sends. Its name says what becomes of
/// them: `400-close-two-hosts.http`, `200+200-keep-two-requests.http`. A request that must be taken
/// asks for a path that begins with /sent; one that would be seen only by a reader who is fooled
/// asks for /smuggled.
struct Probe {
    std::string name;
    std::vector<int> statuses;  ///< of the replies, in order
    bool keep = false;          ///< the connection is still good after them
    std::string bytes;
};

inline std::vector<Probe> read_probes() {
    std::vector<Probe> probes;
    for (const auto& file : std::filesystem::directory_iterator(SIGNALBOX_TEST_DATA "/framing")) {
        Probe probe;
        probe.name = file.path().stem().string();
        const std::size_t dash = probe.name.find('-');
        std::istringstream statuses(probe.name.substr(0, dash));
        for (std::string status; std::getline(statuses, status, '+');)
            probe.statuses.push_back(std::stoi(status));
        const std::string fate =
            probe.name.substr(dash + 1, probe.name.find('-', dash + 1) - dash - 1);
        if (fate != "keep" && fate != "close")
            throw std::runtime_error(probe.name + ": keep or close?");
        probe.keep = fate == "keep";
        std::ostringstream bytes;
        bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
        probe.bytes = bytes.str();
        probes.push_back(std::move(probe));
    }
    std::sort(probes.begin(), probes.end(),
              [](const Probe& one, const Probe& other) { return one.name < other.name; });
    return probes;
}

}  // namespace signalbox::net::test
