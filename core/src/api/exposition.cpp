#include "api/exposition.hpp"

#include "json/writer.hpp"

namespace signalbox::api {
namespace {

const char* help_of(Counter name) {
    constexpr const char* kHelp[] = {"Invocations that were recorded.",
                                     "Times that a run was held for a person.",
                                     "Runs that ended, by their status.",
                                     "Attempts that ended, by their outcome.",
                                     "Transactions of the journal.",
                                     "Changes in the journal's committed transactions.",
                                     "What plugins count.",
                                     "Invocations that were refused, by the error's code.",
                                     "Invocations answered with the run that their key had made.",
                                     "Rejected or replayed invocations that were not recorded.",
                                     "Failed proofs of being a client, for a token or a page."};
    return kHelp[static_cast<std::size_t>(name)];
}

const char* help_of(Gauge name) {
    constexpr const char* kHelp[] = {
        "Runs that wait for a place or for their time.", "Attempts under way.",
        "When the run that is due first was or will be due, in ms of Unix time; 0: none waits.",
        "Runs held for a person.", "Runs that wait for somebody's approval."};
    return kHelp[static_cast<std::size_t>(name)];
}

const char* help_of(Histogram name) {
    constexpr const char* kHelp[] = {"A whole attempt, in ms.",
                                     "Of an attempt: the name's resolution, in ms.",
                                     "Of an attempt: the connection, in ms.",
                                     "Of an attempt: the TLS handshake, in ms.",
                                     "Of an attempt: sending, in ms.",
                                     "Of an attempt: waiting for the reply, in ms.",
                                     "Of an attempt: reading the reply, in ms.",
                                     "A transaction of the journal, in ms.",
                                     "Changes in one transaction of the journal."};
    return kHelp[static_cast<std::size_t>(name)];
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += out.back() == '{' ? "" : ",";
    out.append(name).append("=\"");
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

std::string series(std::string_view name, const Meter::Labels& labels, std::string_view le = {}) {
    std::string out = std::string(name) + "{";
    append_label(out, "connection", labels.connection);
    append_label(out, "outcome", labels.outcome);
    append_label(out, "le", le);
    if (out.back() == '{') {
        out.pop_back();
    } else {
        out += '}';
    }
    return out + " ";
}

std::string number(double value) {
    std::string text;
    json::append_number(text, value);
    return text;
}

/// HELP and TYPE once, before a metric's first series.
class Headings {
  public:
    explicit Headings(std::string& out) : out_(out) {}
    void open(std::string_view name, std::string_view help, std::string_view type) {
        if (name == last_) return;
        last_ = name;
        out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
        out_.append(name).append(" ").append(type).append("\n");
    }

  private:
    std::string& out_;
    std::string last_;
};

void append(std::string& out, const Meter::Distribution& each) {
    const std::string name = metric_name(each.name);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < each.buckets.size(); ++i) {
        below += each.buckets[i];
        const std::string le = i < Meter::bounds.size() ? number(Meter::bounds[i]) : "+Inf";
        out += series(name + "_bucket", each.labels, le) + std::to_string(below) + "\n";
    }
    out += series(name + "_sum", each.labels) + number(each.sum) + "\n";
    out += series(name + "_count", each.labels) + std::to_string(each.count) + "\n";
}

}  // namespace

std::string exposition(const Meter::Snapshot& snapshot) {
    std::string out;
    Headings headings(out);
    for (const Meter::Count& each : snapshot.counters) {
        headings.open(metric_name(each.name), help_of(each.name), "counter");
        out += series(metric_name(each.name), each.labels) + std::to_string(each.value) + "\n";
    }
    for (const Meter::Level& each : snapshot.gauges) {
        headings.open(metric_name(each.name), help_of(each.name), "gauge");
        out += series(metric_name(each.name), each.labels) + number(each.value) + "\n";
    }
    for (const Meter::Distribution& each : snapshot.histograms) {
        headings.open(metric_name(each.name), help_of(each.name), "histogram");
        append(out, each);
    }
    return out;
}

}  // namespace signalbox::api
