#include "journal/sqlite/rows.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "journal/sqlite/approval_text.hpp"

namespace signalbox::journal::sqlite {
namespace {

const std::string seed_columns =
    "id, action, connection, invocation_type, client, origin, created_ms, idempotency_key, "
    "idempotency_digest, order_key, trace, user, entity_id, upstream_id";

/// How many columns of a run's row hold the open attempt.
constexpr int open_columns = 6;

/// What is added to an open attempt when it ends: its times, its outcome and reason, an address.
constexpr std::size_t room_bytes = 96;

void bind_request(Query& query, const AttemptRequest& request) {
    query.text(request.method).text(request.url).text(request.head);
    if (request.body) {
        query.blob(*request.body);
    } else {
        query.null();
    }
}

AttemptRequest read_request(Query& query) {
    AttemptRequest request;
    request.method = query.read_bytes();
    request.url = query.read_bytes();
    request.head = query.read_bytes();
    if (!query.next_is_null()) {
        request.body = query.read_bytes();
    } else {
        query.skip(1);
    }
    return request;
}

RunSeed read_seed(Query& query) {
    RunSeed seed;
    seed.id = query.read_bytes();
    seed.action = query.read_bytes();
    seed.connection = query.read_bytes();
    seed.invocation_type = query.read_bytes();
    seed.client = query.read_bytes();
    seed.origin = query.read_bytes();
    seed.created_ms = query.read_integer();
    seed.idempotency_key = query.read_bytes();
    seed.idempotency_digest = query.read_bytes();
    seed.order_key = query.read_bytes();
    seed.trace = query.read_bytes();
    seed.user = query.read_bytes();
    seed.entity_id = query.read_bytes();
    seed.upstream_id = query.read_bytes();
    return seed;
}

RunState read_state(Query& query) {
    RunState state;
    state.phase = static_cast<Phase>(query.read_integer());
    state.result = query.read_bytes();
    state.effect_possible = query.read_integer() != 0;
    state.due_ms = query.read_integer();
    state.deadline_ms = query.read_integer();
    state.updated_ms = query.read_integer();
    state.ended_ms = query.read_integer();
    state.claimed_ms = query.read_integer();
    state.attempts = static_cast<std::int32_t>(query.read_integer());
    state.status_label = query.read_bytes();
    state.link = query.read_bytes();
    state.summary = query.read_bytes();
    state.external_run_id = query.read_bytes();
    state.reason = query.read_bytes();
    state.plugin_state = query.read_bytes();
    state.plugin_state_version = static_cast<std::uint32_t>(query.read_integer());
    if (const std::string approval = query.read_bytes(); !approval.empty())
        state.approval = read_approval(approval);
    state.response = query.read_bytes();
    if (query.next_is_null()) {
        query.skip(open_columns);
        return state;
    }
    state.open.emplace();
    state.open->number = static_cast<std::int32_t>(query.read_integer());
    state.open->started_ms = query.read_integer();
    state.open->request = read_request(query);
    return state;
}

/// Columns::attempt, or those of Columns::first.
Attempt read_ended(Query& query) {
    Attempt attempt;
    attempt.started_ms = query.read_integer();
    attempt.ended_ms = query.read_integer();
    PhaseTimes& times = attempt.phases;
    for (double* time :
         {&times.dns, &times.connect, &times.tls, &times.send, &times.wait, &times.read}) {
        *time = query.read_real();
    }
    attempt.response_status = static_cast<std::int32_t>(query.read_integer());
    attempt.outcome = query.read_bytes();
    attempt.reason = query.read_bytes();
    attempt.next_ms = query.read_integer();
    attempt.address = query.read_bytes();
    attempt.tls_version = query.read_bytes();
    attempt.request = read_request(query);
    return attempt;
}

/// `each` for every name in a list of columns, with ", " between.
template <class Each>
std::string for_each_column(const std::string& columns, Each each) {
    std::string text;
    std::size_t begin = 0;
    while (begin < columns.size()) {
        const std::size_t end = std::min(columns.find(", ", begin), columns.size());
        if (!text.empty()) text += ", ";
        text += each(columns.substr(begin, end - begin));
        begin = end + 2;
    }
    return text;
}

}  // namespace

// The small columns stand first: SQLite finds a column by walking over those before it, and what is
// searched for must not lie behind a summary that fills pages of its own.
const std::string Columns::state =
    "phase, result, effect_possible, due_ms, deadline_ms, updated_ms, ended_ms, claimed_ms, attempts, "
    "status_label, link, summary, external_run_id, reason, plugin_state, plugin_state_version, approval, response, "
    "open_number, "
    "open_started_ms, open_method, open_url, open_head, open_body";
const std::string Columns::run = seed_columns + ", " + Columns::state;
const std::string Columns::attempt =
    "started_ms, ended_ms, dns_ms, connect_ms, tls_ms, send_ms, wait_ms, read_ms, "
    "response_status, outcome, reason, next_ms, address, tls_version, method, url, head, body";
const std::string Columns::first =
    for_each_column(Columns::attempt, [](const std::string& column) { return "first_" + column; });
const std::string Columns::log =
    "created_ms, created_by, message, status_label, termination_status";
const std::string Columns::bodies = "properties, entity, method, payload";
// An object begins with a brace, a place with a digit; SQLite reads "12,345" as 12 where it wants a number.
const std::string Columns::members =
    "iif(properties GLOB '[0-9]*', "
    "substr(payload, properties + 1, substr(properties, instr(properties, ',') + 1)) || '}', "
    "properties), entity, method";

std::int64_t attempt_key(Sequence sequence, std::int64_t number) {
    return sequence * (attempt_number_max + 1) + number;
}

std::string placeholders(const std::string& columns) {
    return for_each_column(columns, [](const std::string&) { return std::string("?"); });
}

std::string assignments(const std::string& columns) {
    return for_each_column(columns, [](const std::string& column) { return column + " = ?"; });
}

void bind_seed(Query& query, const RunSeed& seed) {
    query.text(seed.id)
        .text(seed.action)
        .text(seed.connection)
        .text(seed.invocation_type)
        .text(seed.client)
        .text(seed.origin)
        .integer(seed.created_ms);
    if (seed.idempotency_key.empty()) {
        query.null().null();
    } else {
        query.text(seed.idempotency_key).blob(seed.idempotency_digest);
    }
    query.optional_text(seed.order_key)
        .optional_blob(seed.trace)
        .optional_text(seed.user)
        .optional_text(seed.entity_id)
        .optional_text(seed.upstream_id);
}

void bind_bodies(Query& query, const RunSeed& seed, const std::string& place) {
    query.text(place.empty() ? seed.properties : place)
        .optional_text(seed.entity)
        .text(seed.method)
        .blob(seed.payload);
}

std::string place_of_properties(const RunSeed& seed) {
    const std::string_view properties = seed.properties;
    // Where they are the smaller part, reading them would be reading all of a large payload.
    if (!properties.ends_with('}') || properties.size() < seed.payload.size() / 2) return {};
    const std::string_view open_object = properties.substr(0, properties.size() - 1);
    const std::size_t at = seed.payload.find(open_object);
    if (at == std::string::npos) return {};
    return std::to_string(at) + "," + std::to_string(open_object.size());
}

std::string properties_at(std::string properties, std::string_view payload) {
    std::size_t at = 0;
    std::size_t bytes = 0;
    const char* const end = properties.data() + properties.size();
    const auto first = std::from_chars(properties.data(), end, at);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return properties;
    if (std::from_chars(first.ptr + 1, end, bytes).ec != std::errc() || at > payload.size())
        return properties;
    return std::string(payload.substr(at, bytes)) + '}';
}

void bind_state(Query& query, const RunState& state, const std::string& approval) {
    query.integer(static_cast<std::int64_t>(state.phase))
        .optional_text(state.result)
        .integer(state.effect_possible ? 1 : 0)
        .integer(state.due_ms)
        .integer(state.deadline_ms)
        .integer(state.updated_ms)
        .integer(state.ended_ms)
        .integer(state.claimed_ms)
        .integer(state.attempts)
        .optional_text(state.status_label)
        .optional_text(state.link)
        .optional_text(state.summary)
        .optional_text(state.external_run_id)
        .optional_text(state.reason)
        .optional_blob(state.plugin_state)
        .integer(state.plugin_state_version)
        .optional_text(approval)
        .optional_text(state.response);
    if (state.open) {
        query.integer(state.open->number).integer(state.open->started_ms);
        bind_request(query, state.open->request);
    } else {
        query.null().null().null().null().null().null();
    }
}

std::string approval_column(const RunState& state) {
    return state.approval ? approval_text(*state.approval) : std::string();
}

void bind_attempt(Query& query, const Attempt& attempt) {
    const PhaseTimes& times = attempt.phases;
    query.integer(attempt.started_ms).integer(attempt.ended_ms);
    query.real(times.dns).real(times.connect).real(times.tls);
    query.real(times.send).real(times.wait).real(times.read);
    query.integer(attempt.response_status)
        .text(attempt.outcome)
        .optional_text(attempt.reason)
        .integer(attempt.next_ms)
        .optional_text(attempt.address)
        .optional_text(attempt.tls_version);
    bind_request(query, attempt.request);
}

void bind_room(Query& query, const RunState& state) {
    if (state.open) {
        query.zeros(room_bytes);
    } else {
        query.null();
    }
}

bool ends_first(const Run& run, const Change& change) {
    const auto& open = run.state.open;
    return open && open->number == 1 && change.attempt && change.attempt->number == 1 &&
           change.state && !change.state->open;
}

void bind_log(Query& query, const LogLine& line) {
    query.integer(line.created_ms)
        .text(line.created_by)
        .text(line.message)
        .text(line.status_label)
        .text(line.termination_status);
}

Run read_run(Query& query) {
    Run run;
    run.sequence = query.read_integer();
    run.seed = read_seed(query);
    run.state = read_state(query);
    return run;
}

void read_members(Query& query, RunSeed& seed) {
    seed.properties = query.read_bytes();
    seed.entity = query.read_bytes();
    seed.method = query.read_bytes();
}

Attempt read_attempt(Query& query) {
    const std::int64_t key = query.read_integer();
    Attempt attempt = read_ended(query);
    attempt.number = static_cast<std::int32_t>(key & attempt_number_max);
    return attempt;
}

std::optional<Attempt> read_first(Query& query) {
    if (query.next_is_null()) return std::nullopt;
    Attempt attempt = read_ended(query);
    attempt.number = 1;
    return attempt;
}

LogLine read_log(Query& query) {
    LogLine line;
    line.number = query.read_integer();
    line.created_ms = query.read_integer();
    line.created_by = query.read_bytes();
    line.message = query.read_bytes();
    line.status_label = query.read_bytes();
    line.termination_status = query.read_bytes();
    return line;
}

}  // namespace signalbox::journal::sqlite
