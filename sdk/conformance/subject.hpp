#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plugins/plugin.hpp"
#include "plugins/request_collector.hpp"
#include "plugins/verdict_collector.hpp"
#include "signalbox/plugin/v1.h"

namespace signalbox::conformance {

/// What a test is about: one file, and what the options say.
struct Subject {
    std::filesystem::path file;
    std::optional<json::Value> settings;  ///< --settings; none: made from the schema
    std::uint64_t seed = 1;
    std::string note;  ///< filled by main where it can be read
    std::optional<plugins::Descriptor> descriptor;
};

/// What every secret of a connection is, and what hostile replies carry: neither may come out again.
inline constexpr std::string_view secret_marker = "s3cret-m4rker";
inline constexpr std::string_view reply_marker = "r3ply-m4rker";

/// What lent memory holds when its call is over.
inline constexpr char poison = '\xDD';

/// Thrown by the helpers below where a test cannot go on; the runner makes an outcome of it.
struct Stop {
    bool skipped = false;
    std::string why;
};
[[noreturn]] void fail(std::string why);
[[noreturn]] void skip(std::string why);

/// A host that writes down what is asked of it. Stays where it is made.
class FakeHost {
  public:
    explicit FakeHost(bool services = true);
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const signalbox_host* host() const { return &host_; }

    std::vector<std::string> logged;
    bool wrong_thread = false;  ///< it was called from a thread that it did not call the plugin on
    std::int64_t wall_ms = 1'700'000'000'000;

  private:
    static const void* service(void* context, signalbox_text id);
    void note_thread();

    const bool services_;
    const std::thread::id thread_ = std::this_thread::get_id();
    signalbox_log_service log_;
    signalbox_clock_service clock_;
    signalbox_secret_service secrets_;
    signalbox_metric_service metrics_;
    signalbox_host host_;
};

/// Text in memory of its own, of exactly its size, that is overwritten when the call it was lent for is
/// over: a plugin that kept the pointer reads what it never was.
class Lent {
  public:
    Lent() = default;
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent();
    signalbox_text text(std::string_view text);

  private:
    struct Piece {
        char* data;
        std::size_t size;
    };
    std::vector<Piece> pieces_;
};

/// The plugin, opened in this process and not yet asked anything.
class Library {
  public:
    /// Stops the test where it cannot be opened or has no entry.
    explicit Library(const Subject& subject);
    signalbox_plugin_entry entry() const { return entry_; }
    /// The table that the entry fills; stops where it does not.
    signalbox_plugin table(const FakeHost& host) const;

  private:
    signalbox_plugin_entry entry_ = nullptr;
};

struct Answer {
    signalbox_answer code = SIGNALBOX_BROKEN;
    std::string broken;  ///< what breaks the contract; empty: nothing
    std::vector<Detail> problems;
};

struct Run {
    std::string id = "r_conformance";
    std::string action = "deploy";
    std::string type;
    std::string method = "{}";
    std::string payload = R"({"name":"example"})";
    std::string credential = "";
    std::uint32_t attempt = 1;
    std::uint32_t state_version = 0;
    std::string state;
};

struct Reply {
    int status = 200;
    std::vector<plugins::Header> headers;
    std::string body;
};

struct Planned : Answer {
    plugins::PlannedRequest request;
    /// Everything that was said, as one text: to compare two answers.
    std::string said() const;
};
struct Judged : Answer {
    plugins::Verdict verdict;
    std::string said() const;
};

/// One connection of the plugin, called as the host would, over poisoned memory.
class Talk {
  public:
    /// Connects with the subject's settings, or those given. Stops the test where that is refused.
    explicit Talk(const Subject& subject, bool services = true);
    Talk(const Subject& subject, const json::Value& settings, bool services = true);
    ~Talk();
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;

    bool blocking() const { return blocking_ != nullptr; }
    const signalbox_connection_step* step() const { return step_; }
    Planned plan(const Run& run, std::uint32_t run_bytes = sizeof(signalbox_run));
    Judged judge(const Run& run, const Reply& reply);
    Answer check(const Run& run);
    /// With a deadline that has passed and cancelled() true from the start.
    Judged deliver_cancelled(const Run& run);
    Planned plan_step();
    /// Its words, or why it breaks the contract.
    Answer judge_step(const Reply& reply);

    FakeHost& host() { return host_; }
    /// A run that the plugin can plan (or check); stops the test where none was found.
    Run sample(const Subject& subject);

  private:
    void connect(const Subject& subject, const json::Value& settings);

    FakeHost host_;
    std::optional<Library> library_;
    signalbox_plugin table_ = {};
    const signalbox_blocking* blocking_ = nullptr;
    const signalbox_connection_step* step_ = nullptr;
    signalbox_connection* connection_ = nullptr;
};

/// The settings that the tests connect with; stops the test where none fit.
json::Value sample_settings(const Subject& subject);

/// Makes one connection and drops it; the answer of connect().
Answer connect_once(const Library& library, const FakeHost& host, const std::string& settings,
                    bool keep = false);

/// The settings as connect() is given them: names in the place of secrets.
std::string settings_text(const Subject& subject, json::Value settings);

}  // namespace signalbox::conformance
