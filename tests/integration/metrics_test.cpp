#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

/// Prometheus's text format, as strictly as its own checker reads it.
struct Exposition {
    std::map<std::string, std::string> types;
    std::map<std::string, double> series;  // by name and labels as written
    std::set<std::string> label_names;
    std::vector<std::string> faults;

    explicit Exposition(const std::string& text) {
        if (text.empty() || text.back() != '\n') faults.push_back("no line feed at the end");
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            line.rfind("# ", 0) == 0 ? read_comment(line) : read_sample(line);
    }

  private:
    void read_comment(const std::string& line) {
        std::istringstream words(line);
        std::string hash, kind, name, rest;
        words >> hash >> kind >> name;
        std::getline(words, rest);
        if (rest.size() < 2) faults.push_back("no text: " + line);
        if (kind == "HELP" && !helped_.insert(name).second) faults.push_back("HELP twice: " + name);
        if (kind != "TYPE") return;
        if (!types.emplace(name, rest.substr(1)).second) faults.push_back("TYPE twice: " + name);
        if (helped_.count(name) == 0) faults.push_back("TYPE before HELP: " + name);
        if (rest == " counter" && name.substr(name.size() - 6) != "_total")
            faults.push_back("a counter's name ends in _total: " + name);
        current_ = name;
    }
    void read_sample(const std::string& line) {
        const std::size_t space = line.rfind(' ');
        const std::string key = line.substr(0, space);
        const std::string name = key.substr(0, key.find('{'));
        if (name.rfind(current_, 0) != 0) faults.push_back("not under its TYPE: " + line);
        const std::string suffix = name.substr(std::min(current_.size(), name.size()));
        const bool histogram = types[current_] == "histogram";
        if (histogram ? suffix != "_bucket" && suffix != "_sum" && suffix != "_count"
                      : !suffix.empty())
            faults.push_back("no such series of it: " + line);
        std::size_t used = 0;
        const double value = std::stod(line.substr(space + 1), &used);
        if (used != line.size() - space - 1) faults.push_back("no number: " + line);
        if (!series.emplace(key, value).second) faults.push_back("twice: " + key);
        read_labels(key);
        if (suffix == "_bucket") {
            if (key.substr(0, key.find("le=")) != ladder_) last_bucket_ = 0;
            ladder_ = key.substr(0, key.find("le="));
            if (value < last_bucket_) faults.push_back("buckets fall: " + line);
            last_bucket_ = value;
            top_ = key.find("le=\"+Inf\"") != std::string::npos ? value : -1;
        }
        if (suffix == "_count" && value != top_) faults.push_back("count is not +Inf: " + line);
    }
    void read_labels(const std::string& key) {
        const std::size_t open = key.find('{');
        if (open == std::string::npos) return;
        if (key.back() != '}') faults.push_back("labels do not end: " + key);
        for (std::size_t at = open + 1; at < key.size() - 1;) {
            const std::size_t equals = key.find("=\"", at);
            const std::size_t end = key.find('"', equals + 2);
            if (end == std::string::npos) return faults.push_back("a label's end: " + key);
            label_names.insert(key.substr(at, equals - at));
            at = end + (key[end + 1] == ',' ? 2 : 1);
        }
    }
    std::set<std::string> helped_;
    std::string current_;
    std::string ladder_;
    double last_bucket_ = 0;
    double top_ = -1;
};

}  // namespace

TEST_CASE("metrics: the text holds against the format and counts what was done", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    for (int i = 0; i < 3; ++i)
        world.await(world.invoke("n" + std::to_string(i)), {"accepted"});
    const Called called = world.as("portal", "GET", "/metrics");
    REQUIRE(called.status == 200);
    CHECK(called.headers.at("content-type").rfind("text/plain; version=0.0.4", 0) == 0);
    Exposition figures(called.body);
    for (const std::string& fault : figures.faults)
        FAIL_CHECK(fault);
    CHECK(figures.series["signalbox_runs_accepted_total{connection=\"contoso\"}"] == 3);
    CHECK(figures.series["signalbox_attempts_total{connection=\"contoso\",outcome=\"accepted\"}"] ==
          3);
    CHECK(figures.series.count("signalbox_runs_waiting{connection=\"contoso\"}") == 1);
    CHECK(figures.series.count("signalbox_oldest_due_unix_ms{connection=\"contoso\"}") == 1);
    CHECK(figures.series.at("signalbox_runs_held") == 0);
    CHECK(figures.types.at("signalbox_attempt_ms") == "histogram");
    CHECK(figures.series.at(
              "signalbox_attempt_ms_count{connection=\"contoso\",outcome=\"accepted\"}") == 3);
    // Nothing that a caller sends can make a series.
    CHECK(figures.label_names == std::set<std::string>{"connection", "outcome", "le"});
    CHECK(called.body.find("release") == std::string::npos);
    CHECK(world.as("pipeline", "GET", "/metrics").status == 403);
    CHECK(call(world.url(), "GET", "/metrics").status == 401);
}
