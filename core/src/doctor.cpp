#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmath>

#include "dispatch/target.hpp"
#include "json/writer.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "plugins/probe.hpp"
#include "signalbox/check.hpp"
#include "silent_log.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"
#include "wiring/targets.hpp"

namespace signalbox {
namespace {

constexpr std::uint64_t kFreeBytesWanted = std::uint64_t{1} << 30;
constexpr std::uint64_t kSpareDescriptors = 64;
constexpr std::int64_t kTargetMsMax = 10'000;
constexpr std::int64_t kBuiltAfterMs = 1'700'000'000'000;  // November 2023

Probe good(std::string name, std::string found) {
    return {true, std::move(name), std::move(found), {}};
}

Probe bad(std::string name, std::string found, std::string advice) {
    return {false, std::move(name), std::move(found), std::move(advice)};
}

Probe look_at_journal(const std::filesystem::path& folder) {
    // The folder is made at the first start: until then its nearest ancestor answers for it.
    std::filesystem::path there = folder;
    std::error_code failed;
    while (!std::filesystem::exists(there, failed) && there.has_relative_path())
        there = there.parent_path();
    if (::access(there.c_str(), W_OK | X_OK) != 0) {
        return bad("journal", there.string() + " cannot be written",
                   "give this user the right to write there, or set `journal` to another folder");
    }
    struct statvfs space = {};
    if (::statvfs(there.c_str(), &space) != 0) {
        return bad("journal", "the free space of " + there.string() + " cannot be asked for",
                   "put the journal on a local disk");
    }
    const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    const std::string text =
        folder.string() + ", " + std::to_string(free_bytes >> 20) + " MiB free";
    if (free_bytes < kFreeBytesWanted)
        return bad("journal", text, "make room: below 1 GiB a busy day may fill the disk");
    return good("journal", text);
}

Probe look_at_clock(const Clock& clock) {
    const std::int64_t now_ms = clock.wall_ms();
    if (now_ms < kBuiltAfterMs)
        return bad("clock", "it says a time before this program was made",
                   "set the clock, and keep it by NTP: signatures and tokens hold times");
    return good("clock", "plausible");
}

Probe look_at_descriptors(const config::Config& config) {
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    std::uint64_t wanted = config.http.connections + kSpareDescriptors;
    for (const config::ConnectionSettings& connection : config.connections)
        wanted += static_cast<std::uint64_t>(connection.limits.in_flight);
    const std::string text = "up to " + std::to_string(limit.rlim_max) + " may be open, " +
                             std::to_string(wanted) + " are needed at full load";
    if (limit.rlim_max < wanted)
        return bad("descriptors", text,
                   "raise the hard limit (LimitNOFILE= in the unit), or lower http.connections");
    return good("descriptors", text);
}

/// Where a connection's requests go, by the first of its actions whose request can be planned
/// without inputs; empty: only an invocation knows.
std::string origin_of(const wiring::Assembly& assembly, const dispatch::Target& target,
                      const Clock& clock) {
    for (const auto& [identifier, offer] : assembly.catalog) {
        if (offer.connection != target.name || !offer.unavailable.empty()) continue;
        journal::RunSeed seed;
        seed.id = "r_doctor";
        seed.action = identifier;
        seed.connection = target.name;
        seed.invocation_type = offer.action->invocation_type;
        seed.method = json::write(offer.action->method);
        seed.properties = "{}";
        seed.payload = "{}";
        seed.created_ms = clock.wall_ms();
        const auto composed = dispatch::compose(target, seed, {}, 1, seed.created_ms);
        if (!composed || composed->done) continue;
        const std::string& url = composed->record.url;
        const std::size_t scheme = url.find("://");
        if (scheme == std::string::npos || url.find("{{") != std::string::npos) continue;
        return url.substr(0, url.find('/', scheme + 3));
    }
    return {};
}

std::string phases_of(const dispatch::Times& times) {
    std::string out;
    const auto add = [&out](const char* name, double ms) {
        if (ms < 0) return;
        out += (out.empty() ? "" : ", ") + std::string(name) + " " +
               std::to_string(std::lround(ms)) + " ms";
    };
    add("dns", times.dns);
    add("connect", times.connect);
    add("tls", times.tls);
    add("reply", times.wait);
    return out.empty() ? "nothing was reached" : out;
}

std::string advice_for(dispatch::Failure failure) {
    switch (failure) {
        case dispatch::Failure::resolve:
            return "correct the host's name in the connection's settings, or this machine's DNS";
        case dispatch::Failure::refused:
            return "if that address is meant, allow it: egress: { allow: [ … ] } on the connection";
        case dispatch::Failure::tls:
            return "its certificate must be valid for that name and known to this machine";
        case dispatch::Failure::connect:
        case dispatch::Failure::timeout:
            return "see that it runs, and that firewalls and routes let this machine reach it";
        default:
            return "it was reached and does not speak HTTP as it should; see that the URL is right";
    }
}

Probe look_at_target(const dispatch::Target& target, const std::string& origin, net::Loop& loop,
                     net::Client& client) {
    const std::string name = "target " + target.name;
    if (origin.empty()) return good(name, "its address depends on the inputs; not tried");
    dispatch::WireRequest request;
    request.method = "HEAD";
    request.url = origin + "/";
    request.timeout_ms = kTargetMsMax;
    request.egress_allow = target.policy.egress_allow;
    request.tls = target.policy.tls;
    dispatch::WireReply reply;
    client.send(std::move(request), [&](dispatch::WireReply got) {
        reply = std::move(got);
        loop.stop();
    });
    loop.run();
    const std::string found = origin + ": " + phases_of(reply.times);
    if (reply.failure == dispatch::Failure::none) {
        return good(name, found + (reply.tls_version.empty() ? "" : ", " + reply.tls_version) +
                              (reply.address.empty() ? "" : ", at " + reply.address));
    }
    return bad(name, found + "; " + reply.message, advice_for(reply.failure));
}

void look_at_targets(std::vector<Probe>& probes, wiring::Assembly& assembly, const Clock& clock) {
    const auto targets = wiring::connect(assembly, silent_log(), clock, assembly.config.public_url);
    if (document::has_errors(assembly.problems)) {
        probes.push_back(
            bad("plugins", wiring::to_text(assembly.problems, assembly.config),
                "correct these; `signalbox plugins inspect FILE` shows what a file says"));
        return;
    }
    for (const auto& [id, plugin] : assembly.plugins) {
        probes.push_back(good("plugin " + id, plugin.descriptor.version + ", " +
                                                  plugin.file.string() +
                                                  ", loads in a process of its own"));
    }
    for (const dispatch::Target& target : targets) {
        net::Loop loop(clock);
        net::Client client(loop, net::ClientOptions{});
        probes.push_back(look_at_target(target, origin_of(assembly, target, clock), loop, client));
    }
}

}  // namespace

std::vector<Probe> doctor(const std::filesystem::path& config) {
    const Clock& clock = system_clock();
    std::vector<Probe> probes;
    wiring::Assembly assembly = wiring::assemble(config);
    const bool readable = !document::has_errors(assembly.problems);
    if (readable) {
        probes.push_back(
            good("config and keys", config.string() + " is valid, every secret is there"));
    } else {
        probes.push_back(bad("config and keys", wiring::to_text(assembly.problems, assembly.config),
                             "correct these; `signalbox check` says the same without probing"));
    }
    if (!assembly.config.journal.empty())
        probes.push_back(look_at_journal(assembly.config.journal));
    probes.push_back(look_at_clock(clock));
    probes.push_back(look_at_descriptors(assembly.config));
    if (readable) look_at_targets(probes, assembly, clock);
    return probes;
}

}  // namespace signalbox
