#include "journal/ahead/records.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "journal/sqlite/approval_text.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::ahead {
namespace {

static_assert(std::endian::native == std::endian::little, "the log's numbers are little endian");

enum class Kind : std::uint8_t { insert = 1, change = 2, rejection = 3, told = 4 };

/// Visits fields by writing them.
class Writing {
  public:
    static constexpr bool reads = false;
    explicit Writing(std::string& records) : records_(records) {}

    void number(const std::int64_t& value) { put(&value, sizeof value); }
    void text(const std::string& value) {
        const auto size = static_cast<std::uint32_t>(value.size());
        put(&size, sizeof size);
        records_.append(value);
    }

  private:
    void put(const void* bytes, std::size_t size) {
        records_.append(static_cast<const char*>(bytes), size);
    }
    std::string& records_;
};

/// Visits fields by reading them. Past the end, or where a length leads past it, every field reads as empty
/// and is_whole() is false.
class ReadingFields {
  public:
    static constexpr bool reads = true;
    explicit ReadingFields(std::string_view records) : rest_(records) {}

    void number(std::int64_t& value) {
        value = 0;
        take(&value, sizeof value);
    }
    void text(std::string& value) {
        std::uint32_t size = 0;
        take(&size, sizeof size);
        if (size > rest_.size()) {
            is_whole_ = false;
            size = 0;
        }
        value.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }
    bool is_whole() const { return is_whole_; }
    bool at_end() const { return rest_.empty(); }
    std::uint8_t kind() {
        std::uint8_t kind = 0;
        take(&kind, sizeof kind);
        return kind;
    }

  private:
    void take(void* bytes, std::size_t size) {
        if (size > rest_.size()) {
            is_whole_ = false;
            rest_ = {};
            return;
        }
        std::memcpy(bytes, rest_.data(), size);
        rest_.remove_prefix(size);
    }
    std::string_view rest_;
    bool is_whole_ = true;
};

/// `Of<Fields, Value>`: a Value to be read into, or one that is only looked at.
template <class Fields, class Value>
using Of = std::conditional_t<Fields::reads, Value, const Value>;

template <class Fields, class Number>
void number(Fields& fields, Number& value) {
    auto wide = static_cast<std::int64_t>(value);
    fields.number(wide);
    if constexpr (Fields::reads) value = static_cast<std::remove_const_t<Number>>(wide);
}

template <class Fields, class Real>
void real(Fields& fields, Real& value) {
    auto bits = std::bit_cast<std::int64_t>(static_cast<double>(value));
    fields.number(bits);
    if constexpr (Fields::reads) value = std::bit_cast<double>(bits);
}

/// Whether an optional field is there; makes it where it is and is read.
template <class Fields, class Optional>
bool is_there(Fields& fields, Optional& value) {
    bool there = value.has_value();
    number(fields, there);
    if constexpr (Fields::reads) {
        if (there && fields.is_whole()) value.emplace();
    }
    return value.has_value();
}

template <class Fields>
void visit(Fields& fields, Of<Fields, RunSeed>& seed) {
    for (auto* text : {&seed.id, &seed.action, &seed.connection, &seed.invocation_type, &seed.client,
                       &seed.origin, &seed.entity, &seed.method, &seed.payload,
                       &seed.idempotency_key, &seed.idempotency_digest, &seed.trace, &seed.order_key,
                       &seed.user, &seed.entity_id, &seed.upstream_id}) {
        fields.text(*text);
    }
    // As in the journal's file, inputs that are sent as they came are written once.
    std::string properties;
    if constexpr (!Fields::reads) properties = sqlite::place_of_properties(seed);
    if (Fields::reads || !properties.empty()) {
        fields.text(properties);
    } else {
        fields.text(seed.properties);
    }
    if constexpr (Fields::reads) seed.properties = sqlite::properties_at(std::move(properties), seed.payload);
    number(fields, seed.created_ms);
    number(fields, seed.upstream_reports);
    if (is_there(fields, seed.replay)) {
        fields.text(seed.replay->source);
        fields.text(seed.replay->digest);
        number(fields, seed.replay->expires_ms);
    }
}

template <class Fields>
void visit(Fields& fields, Of<Fields, AttemptRequest>& request) {
    fields.text(request.method);
    fields.text(request.url);
    fields.text(request.head);
    if (is_there(fields, request.body)) fields.text(*request.body);
}

template <class Fields>
void visit(Fields& fields, Of<Fields, RunState>& state) {
    number(fields, state.phase);
    number(fields, state.effect_possible);
    number(fields, state.due_ms);
    number(fields, state.deadline_ms);
    number(fields, state.updated_ms);
    number(fields, state.ended_ms);
    number(fields, state.claimed_ms);
    number(fields, state.attempts);
    number(fields, state.plugin_state_version);
    for (auto* text : {&state.result, &state.status_label, &state.link, &state.summary,
                       &state.external_run_id, &state.reason, &state.plugin_state, &state.response}) {
        fields.text(*text);
    }
    std::string approval;
    if constexpr (!Fields::reads) {
        if (state.approval) approval = sqlite::approval_text(*state.approval);
    }
    fields.text(approval);
    if constexpr (Fields::reads) {
        if (!approval.empty()) state.approval = sqlite::read_approval(approval);
    }
    if (is_there(fields, state.open)) {
        number(fields, state.open->number);
        number(fields, state.open->started_ms);
        visit(fields, state.open->request);
    }
}

template <class Fields>
void visit(Fields& fields, Of<Fields, Attempt>& attempt) {
    number(fields, attempt.number);
    number(fields, attempt.started_ms);
    number(fields, attempt.ended_ms);
    auto& times = attempt.phases;
    for (auto* time : {&times.dns, &times.connect, &times.tls, &times.send, &times.wait, &times.read})
        real(fields, *time);
    visit(fields, attempt.request);
    number(fields, attempt.response_status);
    fields.text(attempt.outcome);
    fields.text(attempt.reason);
    number(fields, attempt.next_ms);
    fields.text(attempt.address);
    fields.text(attempt.tls_version);
}

template <class Fields>
void visit(Fields& fields, Of<Fields, LogLine>& line) {
    number(fields, line.created_ms);
    for (auto* text : {&line.created_by, &line.message, &line.status_label, &line.termination_status})
        fields.text(*text);
}

template <class Fields>
void visit(Fields& fields, Of<Fields, Change>& change) {
    if (is_there(fields, change.state)) visit(fields, *change.state);
    if (is_there(fields, change.attempt)) visit(fields, *change.attempt);
    if (is_there(fields, change.log)) visit(fields, *change.log);
}

template <class Fields>
void visit(Fields& fields, Of<Fields, Rejection>& rejection) {
    number(fields, rejection.at_ms);
    for (auto* text : {&rejection.client, &rejection.origin, &rejection.action, &rejection.code,
                       &rejection.message, &rejection.run_id}) {
        fields.text(*text);
    }
    std::size_t pointers = rejection.pointers.size();
    number(fields, pointers);
    for (std::size_t i = 0; i < pointers; ++i) {
        if constexpr (Fields::reads) {
            if (!fields.is_whole()) return;
            rejection.pointers.emplace_back();
        }
        fields.text(rejection.pointers[i]);
    }
}

template <class Fields>
void visit(Fields& fields, Of<Fields, ToldUpstream>& told) {
    number(fields, told.run.sequence);
    fields.text(told.run.told);
    number(fields, told.run.log_number);
    number(fields, told.ended);
}

Writing begin(std::string& records, Kind kind) {
    records += static_cast<char>(kind);
    return Writing(records);
}

void replay_insert(ReadingFields& fields, Changes& changes) {
    Sequence sequence = 0;
    RunSeed seed;
    RunState state;
    number(fields, sequence);
    visit<ReadingFields>(fields, seed);
    visit<ReadingFields>(fields, state);
    if (fields.is_whole()) changes.insert(sequence, SharedSeed(std::move(seed)), std::move(state));
}

void replay_change(ReadingFields& fields, Changes& changes) {
    Sequence sequence = 0;
    Change change;
    std::int64_t line_number = 0;
    bool ends_first = false;
    number(fields, sequence);
    number(fields, line_number);
    number(fields, ends_first);
    visit<ReadingFields>(fields, change);
    if (fields.is_whole())
        changes.change(sequence, {}, {}, std::move(change), line_number, ends_first);
}

}  // namespace

void write_insert(std::string& records, Sequence sequence, const RunSeed& seed, const RunState& state) {
    Writing fields = begin(records, Kind::insert);
    number(fields, sequence);
    visit<Writing>(fields, seed);
    visit<Writing>(fields, state);
}

void write_change(std::string& records, Sequence sequence, const Change& change,
                  std::int64_t line_number, bool ends_first) {
    Writing fields = begin(records, Kind::change);
    number(fields, sequence);
    number(fields, line_number);
    number(fields, ends_first);
    visit<Writing>(fields, change);
}

void write_rejections(std::string& records, const std::vector<Rejection>& rejections) {
    for (const Rejection& rejection : rejections) {
        Writing fields = begin(records, Kind::rejection);
        visit<Writing>(fields, rejection);
    }
}

void write_told(std::string& records, const ToldUpstream& told) {
    Writing fields = begin(records, Kind::told);
    visit<Writing>(fields, told);
}

bool replay(std::string_view records, Changes& changes) {
    ReadingFields fields(records);
    while (!fields.at_end() && fields.is_whole()) {
        switch (static_cast<Kind>(fields.kind())) {
            case Kind::insert: replay_insert(fields, changes); break;
            case Kind::change: replay_change(fields, changes); break;
            case Kind::rejection: {
                Rejection rejection;
                visit<ReadingFields>(fields, rejection);
                if (fields.is_whole()) changes.keep({rejection});
                break;
            }
            case Kind::told: {
                ToldUpstream told;
                visit<ReadingFields>(fields, told);
                if (fields.is_whole()) changes.tell_upstream(std::move(told));
                break;
            }
            default: return false;
        }
    }
    return fields.is_whole();
}

}  // namespace signalbox::journal::ahead
