// signalbox-conformance: does a plugin keep its contract?
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "json/door.hpp"
#include "json/writer.hpp"
#include "plugins/note.hpp"
#include "suite.hpp"

namespace {

using namespace signalbox;
using namespace signalbox::conformance;

constexpr const char* usage =
    R"(Usage: signalbox-conformance [options] FILE.so

Says whether a plugin keeps its contract. Each test runs in a process of its own.

  --settings FILE    the connection's settings, as JSON; default: made from the plugin's schema
  --only RE          only tests whose names match
  --reproduce SEED   with the seed that a finding names; default: a new one
  --timeout SECONDS  for each test; default: 30
  --json             one JSON object on standard output
  --list             the tests' names and what they look at
  --help

Examples:
  signalbox-conformance build/signalbox_acme.so
  signalbox-conformance --settings acme.json --only 'fuzz|judge' build/signalbox_acme.so

Exit codes: 0 nothing failed; 1 something failed or crashed; 2 usage.
)";

struct Options {
    Subject subject;
    std::string only;
    std::int64_t timeout_ms = 30'000;
    bool json = false;
    bool list = false;
    bool help = false;
};

struct Usage {
    std::string why;
};

std::uint64_t number(const std::string& text, const std::string& option) {
    try {
        std::size_t end = 0;
        const std::uint64_t value = std::stoull(text, &end);
        if (end == text.size() && text.front() != '-') return value;
    } catch (const std::exception&) {
    }
    throw Usage{"--" + option + " takes a number, found '" + text + "'"};
}

json::Value read_settings(const std::string& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && text.empty()) throw Usage{"--settings: '" + file + "' cannot be read"};
    auto value = json::parse(text);
    if (!value) throw Usage{"--settings: " + file + ": " + value.error().message};
    if (!value->is_object()) throw Usage{"--settings: " + file + " holds no JSON object"};
    return std::move(*value);
}

Options read_options(std::vector<std::string> arguments) {
    Options options;
    options.subject.seed = std::random_device()();
    std::vector<std::string> files;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        if (name.rfind("--", 0) != 0) {
            files.push_back(name);
            continue;
        }
        name.erase(0, 2);
        std::string value;
        const std::size_t equals = name.find('=');
        const bool joined = equals != std::string::npos;
        if (joined) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        const auto take = [&] {
            if (!joined && ++i == arguments.size()) throw Usage{"--" + name + " needs a value"};
            return joined ? value : arguments[i];
        };
        if (name == "settings") {
            options.subject.settings = read_settings(take());
        } else if (name == "only") {
            options.only = take();
        } else if (name == "reproduce") {
            options.subject.seed = number(take(), name);
        } else if (name == "timeout") {
            options.timeout_ms = static_cast<std::int64_t>(number(take(), name)) * 1000;
        } else if (name == "json") {
            options.json = true;
        } else if (name == "list") {
            options.list = true;
        } else if (name == "help") {
            options.help = true;
        } else {
            throw Usage{"--" + name + " is not an option; --help lists them"};
        }
    }
    if (options.help || options.list) return options;
    if (files.size() != 1) throw Usage{"give one plugin file; --help shows how"};
    options.subject.file = files.front();
    return options;
}

/// What the descriptor says is needed by most tests; one that cannot be read is a finding of
/// theirs.
void read_note_of(Subject& subject) {
    const auto note = plugins::read_note(subject.file);
    if (!note) return;
    subject.note = *note;
    auto descriptor = plugins::parse_descriptor(*note);
    if (descriptor) subject.descriptor = std::move(*descriptor);
}

class Report {
  public:
    explicit Report(bool json) : json_(json) {}

    void add(const Test& test, const Outcome& outcome) {
        ++counts_[outcome.status];
        if (json_) {
            tests_.push_back(json::Object{{"name", test.name},
                                          {"promise", test.promise},
                                          {"status", status_name(outcome.status)},
                                          {"message", json::String(outcome.message)}});
            return;
        }
        std::string name(test.name);
        name.resize(std::max<std::size_t>(name.size(), 26), ' ');
        std::cout << name << status_name(outcome.status) << '\n';
        if (!outcome.message.empty()) {
            std::string message = outcome.message;
            for (std::size_t at = 0; (at = message.find('\n', at)) != std::string::npos; at += 5)
                message.replace(at, 1, "\n    ");
            std::cout << "    " << message << '\n';
        }
    }

    int end(const Subject& subject) {
        const bool good = counts_[Status::failed] + counts_[Status::crashed] == 0;
        if (json_) {
            json::Object whole{{"file", json::String(subject.file.string())},
                               {"seed", subject.seed},
                               {"ok", good},
                               {"tests", std::move(tests_)}};
            for (const Status status : {Status::passed, Status::failed, Status::crashed,
                                        Status::skipped, Status::warning})
                whole[status_name(status)] = counts_[status];
            std::cout << json::write(whole) << '\n';
        } else {
            std::cout << '\n';
            for (const Status status : {Status::passed, Status::failed, Status::crashed,
                                        Status::skipped, Status::warning})
                std::cout << counts_[status] << ' ' << status_name(status) << "  ";
            std::cout << " seed " << subject.seed << '\n';
        }
        return good ? 0 : 1;
    }

  private:
    const bool json_;
    std::map<Status, std::int64_t> counts_;
    json::Array tests_;
};

int run(const Options& options) {
    const RE2 only(options.only, RE2::Quiet);
    if (!only.ok()) throw Usage{"--only is no regular expression: " + only.error()};
    Subject subject = options.subject;
    read_note_of(subject);
    Report report(options.json);
    bool any = false;
    for (const Test& test : all_tests()) {
        if (!RE2::PartialMatch(test.name, only)) continue;
        any = true;
        report.add(test, run_in_child(test, subject, options.timeout_ms));
    }
    if (!any) throw Usage{"--only matches no test; --list names them"};
    return report.end(subject);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = read_options(std::vector<std::string>(argv + 1, argv + argc));
        if (options.help) {
            std::cout << usage;
            return 0;
        }
        if (options.list) {
            for (const Test& test : all_tests())
                std::cout << test.name << ": " << test.promise << '\n';
            return 0;
        }
        return run(options);
    } catch (const Usage& wrong) {
        std::cerr << "signalbox-conformance: " << wrong.why << '\n';
        return 2;
    }
}
