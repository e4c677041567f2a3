#include "subject.hpp"

#include <dlfcn.h>

#include <cstring>
#include <utility>

#include "json/door.hpp"
#include "json/writer.hpp"
#include "plugins/credential_collector.hpp"
#include "plugins/services.hpp"
#include "sample.hpp"

namespace signalbox::conformance {
namespace {

std::string_view view(signalbox_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

const plugins::Descriptor& descriptor_of(const Subject& subject) {
    if (!subject.descriptor) skip("its note cannot be used; see note-valid");
    return *subject.descriptor;
}

/// What the host would say to that answer: `conclude` knows the rules.
void settle(Answer& answer, plugins::Collector& collector, const char* call, bool may_refuse) {
    answer.problems = collector.problems();
    const auto error =
        collector.conclude(answer.code, "it", call, may_refuse ? "refused" : nullptr);
    if (error && error->code != "refused") answer.broken = error->message;
}

signalbox_run run_of(const Run& run, Lent& lent, std::int64_t wall_ms) {
    signalbox_run given = {};
    given.struct_size = sizeof given;
    given.attempt = run.attempt;
    given.id = lent.text(run.id);
    given.action = lent.text(run.action);
    given.type = lent.text(run.type);
    given.method = lent.text(run.method);
    given.payload = lent.text(run.payload);
    given.delivery_id = lent.text(run.id);
    given.public_url = lent.text("http://signalbox.example");
    given.wall_ms = wall_ms;
    given.credential = lent.text(run.credential);
    return given;
}

signalbox_state state_of(const Run& run, Lent& lent) {
    return {sizeof(signalbox_state), run.state_version, lent.text(run.state)};
}

std::vector<signalbox_field> fields_of(const Reply& reply, Lent& lent) {
    std::vector<signalbox_field> fields;
    for (const auto& [name, value] : reply.headers)
        fields.push_back({lent.text(name), lent.text(value)});
    return fields;
}

}  // namespace

void fail(std::string why) {
    throw Stop{false, std::move(why)};
}
void skip(std::string why) {
    throw Stop{true, std::move(why)};
}

FakeHost::FakeHost(bool services) : services_(services) {
    log_ = {sizeof log_, 0, this,
            [](void* context, std::int32_t, signalbox_text message, const signalbox_field* fields,
               std::size_t count) {
                auto& self = *static_cast<FakeHost*>(context);
                self.note_thread();
                std::string line(view(message));
                for (std::size_t i = 0; i < count; ++i)
                    line.append(" ")
                        .append(view(fields[i].name))
                        .append("=")
                        .append(view(fields[i].value));
                self.logged.push_back(std::move(line));
            }};
    clock_ = {sizeof clock_, 0, this,
              [](void* context) { return static_cast<FakeHost*>(context)->wall_ms; },
              [](void*) { return std::int64_t{1}; }};
    secrets_ = {sizeof secrets_, 0, this,
                [](void* context, signalbox_text, void (*take)(void*, signalbox_text),
                   void* taker) -> signalbox_answer {
                    static_cast<FakeHost*>(context)->note_thread();
                    Lent lent;
                    take(taker, lent.text(secret_marker));
                    return SIGNALBOX_OK;
                }};
    metrics_ = {sizeof metrics_, 0, this, [](void* context, signalbox_text, std::uint64_t) {
                    static_cast<FakeHost*>(context)->note_thread();
                }};
    host_ = {sizeof host_, SIGNALBOX_ABI_MINOR, this, &service};
}

void FakeHost::note_thread() {
    if (std::this_thread::get_id() != thread_) wrong_thread = true;
}

const void* FakeHost::service(void* context, signalbox_text id) {
    auto& self = *static_cast<FakeHost*>(context);
    self.note_thread();
    if (!self.services_) return nullptr;
    const std::string_view name = view(id);
    if (name == SIGNALBOX_LOG_SERVICE) return &self.log_;
    if (name == SIGNALBOX_CLOCK_SERVICE) return &self.clock_;
    if (name == SIGNALBOX_SECRET_SERVICE) return &self.secrets_;
    if (name == SIGNALBOX_METRIC_SERVICE) return &self.metrics_;
    if (name == SIGNALBOX_CRYPTO_SERVICE) return &plugins::crypto_service();
    return nullptr;
}

signalbox_text Lent::text(std::string_view text) {
    if (text.empty()) return {nullptr, 0};
    pieces_.push_back({new char[text.size()], text.size()});
    std::memcpy(pieces_.back().data, text.data(), text.size());
    return {pieces_.back().data, text.size()};
}

Lent::~Lent() {
    // Never given back: memory that is used again would hold the same text and hide a kept pointer.
    static auto& graveyard = *new std::vector<Piece>;
    for (const Piece& piece : pieces_) {
        std::memset(piece.data, poison, piece.size);
        graveyard.push_back(piece);
    }
}

Library::Library(const Subject& subject) {
    void* const library =
        ::dlopen(std::filesystem::absolute(subject.file).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail(std::string("it cannot be opened: ") + ::dlerror());
    entry_ =
        reinterpret_cast<signalbox_plugin_entry>(::dlsym(library, SIGNALBOX_PLUGIN_ENTRY_NAME));
    if (entry_ == nullptr) fail("it exports no " SIGNALBOX_PLUGIN_ENTRY_NAME);
}

signalbox_plugin Library::table(const FakeHost& host) const {
    signalbox_plugin table = {};
    table.struct_size = sizeof table;
    const signalbox_answer answer = entry_(host.host(), &table);
    if (answer != SIGNALBOX_OK) fail("its entry answered " + std::to_string(answer));
    if (table.connect == nullptr || table.disconnect == nullptr)
        fail("its entry left out connect or disconnect");
    return table;
}

json::Value sample_settings(const Subject& subject) {
    const plugins::Descriptor& descriptor = descriptor_of(subject);
    if (subject.settings) return *subject.settings;
    const json::Value& schema = *json::at_pointer(descriptor.document, "/settings");
    Sampler sampler(subject.seed);
    const FakeHost host;
    const Library library(subject);
    bool any = false;
    for (std::size_t choice = 0; choice < Sampler::choices; ++choice) {
        json::Value made = sampler.fitting(schema, descriptor.settings, true, choice);
        if (made.is_null()) continue;
        any = true;
        if (connect_once(library, host, settings_text(subject, made)).code == SIGNALBOX_OK)
            return made;
    }
    skip(any ? "it refuses all settings that were made from its schema; give some with --settings"
             : "no settings could be made that fit its schema; give some with --settings");
}

std::string settings_text(const Subject& subject, json::Value settings) {
    for (const std::string& pointer : descriptor_of(subject).settings.secrets(settings)) {
        if (json::Value* place = json::at_pointer(settings, pointer))
            *place = json::String(pointer);
    }
    return json::write(settings);
}

Answer connect_once(const Library& library, const FakeHost& host, const std::string& settings,
                    bool keep) {
    const signalbox_plugin table = library.table(host);
    plugins::ProblemCollector collector;
    const signalbox_problem_writer writer = collector.writer();
    signalbox_connection* connection = nullptr;
    Answer answer;
    {
        Lent lent;
        answer.code = table.connect(host.host(), lent.text(settings), &connection, &writer);
    }
    if (answer.code == SIGNALBOX_OK && connection == nullptr)
        collector.breach("it answered OK without a connection");
    settle(answer, collector, "connect", true);
    if (answer.code == SIGNALBOX_OK && connection != nullptr && !keep) table.disconnect(connection);
    return answer;
}

Talk::Talk(const Subject& subject, bool services) : host_(services) {
    connect(subject, sample_settings(subject));
}

Talk::Talk(const Subject& subject, const json::Value& settings, bool services) : host_(services) {
    connect(subject, settings);
}

void Talk::connect(const Subject& subject, const json::Value& settings) {
    library_.emplace(subject);
    table_ = library_->table(host_);
    const auto extension = [&](std::string_view id) -> const void* {
        return table_.extension ? table_.extension({id.data(), id.size()}) : nullptr;
    };
    blocking_ = static_cast<const signalbox_blocking*>(extension(SIGNALBOX_BLOCKING_EXTENSION));
    step_ = static_cast<const signalbox_connection_step*>(
        extension(SIGNALBOX_CONNECTION_STEP_EXTENSION));
    if (blocking_ == nullptr && (table_.plan == nullptr || table_.judge == nullptr))
        fail("its entry left out plan or judge");
    plugins::ProblemCollector collector;
    const signalbox_problem_writer writer = collector.writer();
    Answer answer;
    {
        Lent lent;
        answer.code = table_.connect(host_.host(), lent.text(settings_text(subject, settings)),
                                     &connection_, &writer);
    }
    settle(answer, collector, "connect", true);
    if (!answer.broken.empty()) fail(answer.broken);
    if (answer.code != SIGNALBOX_OK || connection_ == nullptr)
        fail("it refuses settings that fit its schema" +
             (answer.problems.empty() ? std::string() : ": " + answer.problems.front().message) +
             "; give others with --settings");
}

Talk::~Talk() {
    if (connection_ != nullptr) table_.disconnect(connection_);
}

Planned Talk::plan(const Run& run, std::uint32_t run_bytes) {
    plugins::RequestCollector collector;
    Planned planned;
    {
        Lent lent;
        signalbox_run given = run_of(run, lent, host_.wall_ms);
        given.struct_size = run_bytes;
        if (run_bytes < sizeof given)
            std::memset(reinterpret_cast<char*>(&given) + run_bytes, 0xDD,
                        sizeof given - run_bytes);
        const signalbox_state state = state_of(run, lent);
        const signalbox_request_writer writer = collector.writer();
        planned.code = table_.plan(connection_, &given, &state, &writer);
    }
    if (planned.code == SIGNALBOX_OK) collector.finish();
    planned.request = collector.request();
    settle(planned, collector, "plan", true);
    return planned;
}

Judged Talk::judge(const Run& run, const Reply& reply) {
    plugins::VerdictCollector collector;
    Judged judged;
    {
        Lent lent;
        const signalbox_run given = run_of(run, lent, host_.wall_ms);
        const signalbox_state state = state_of(run, lent);
        const auto fields = fields_of(reply, lent);
        const signalbox_response response = {
            sizeof response, reply.status,          fields.empty() ? nullptr : fields.data(),
            fields.size(),   lent.text(reply.body), host_.wall_ms};
        const signalbox_verdict_writer writer = collector.writer();
        judged.code = table_.judge(connection_, &given, &state, &response, &writer);
    }
    if (judged.code == SIGNALBOX_OK) collector.finish();
    judged.verdict = collector.verdict();
    settle(judged, collector, "judge", false);
    return judged;
}

Answer Talk::check(const Run& run) {
    plugins::ProblemCollector collector;
    Answer answer;
    if (blocking_->check == nullptr) {
        answer.code = SIGNALBOX_OK;
        return answer;
    }
    {
        Lent lent;
        const signalbox_run given = run_of(run, lent, host_.wall_ms);
        const signalbox_problem_writer writer = collector.writer();
        answer.code = blocking_->check(connection_, &given, &writer);
    }
    settle(answer, collector, "check", true);
    return answer;
}

Judged Talk::deliver_cancelled(const Run& run) {
    plugins::VerdictCollector collector;
    Judged judged;
    {
        Lent lent;
        const signalbox_run given = run_of(run, lent, host_.wall_ms);
        const signalbox_state state = state_of(run, lent);
        const signalbox_call call = {sizeof call, 0, nullptr, [](void*) { return std::int64_t{0}; },
                                     [](void*) { return std::int32_t{1}; }};
        const signalbox_verdict_writer writer = collector.writer();
        judged.code = blocking_->deliver(connection_, &given, &state, &call, &writer);
    }
    if (judged.code == SIGNALBOX_OK) collector.finish();
    judged.verdict = collector.verdict();
    settle(judged, collector, "deliver", false);
    return judged;
}

Planned Talk::plan_step() {
    plugins::RequestCollector collector;
    Planned planned;
    const signalbox_request_writer writer = collector.writer();
    planned.code = step_->plan(connection_, host_.wall_ms, &writer);
    if (planned.code == SIGNALBOX_OK) collector.finish();
    planned.request = collector.request();
    settle(planned, collector, "connection step's plan", true);
    return planned;
}

Answer Talk::judge_step(const Reply& reply) {
    plugins::CredentialCollector collector;
    Answer answer;
    {
        Lent lent;
        const auto fields = fields_of(reply, lent);
        const signalbox_response response = {
            sizeof response, reply.status,          fields.empty() ? nullptr : fields.data(),
            fields.size(),   lent.text(reply.body), host_.wall_ms};
        const signalbox_credential_writer writer = collector.writer();
        answer.code = step_->judge(connection_, &response, &writer);
    }
    if (answer.code == SIGNALBOX_OK) collector.finish();
    settle(answer, collector, "connection step's judge", false);
    return answer;
}

Run Talk::sample(const Subject& subject) {
    const plugins::Descriptor& descriptor = descriptor_of(subject);
    Sampler sampler(subject.seed);
    std::string refused;
    for (const auto& [type, schema] : descriptor.invocation_types) {
        const json::Value& text =
            *json::at_pointer(descriptor.document, "/invocation_types/" + json::escape_token(type));
        for (std::size_t choice = 0; choice < Sampler::choices; ++choice) {
            const json::Value members = sampler.fitting(text, schema, true, choice);
            if (members.is_null()) continue;
            Run run;
            run.type = type;
            run.method = json::write(members);
            const Answer answer = blocking() ? check(run) : static_cast<Answer>(plan(run));
            if (!answer.broken.empty()) fail(answer.broken);
            if (answer.code == SIGNALBOX_OK) return run;
            if (!answer.problems.empty()) refused = answer.problems.front().message;
        }
    }
    skip("it plans none of the invocations that were made from its schemas" +
         (refused.empty() ? std::string() : "; it says: " + refused));
}

std::string Planned::said() const {
    std::string text = std::to_string(code) + "\n" + request.method + "\n" + request.url + "\n";
    for (const auto& [name, value] : request.headers)
        text += name + ": " + value + "\n";
    for (const auto& [name, value] : request.secret_headers)
        text += "secret " + name + ": " + value + "\n";
    text += request.body ? "body " + *request.body : "payload";
    text += request.safe ? "\nsafe" : "\n";
    text += request.done ? "\ndone" : "\n";
    for (const Detail& problem : problems)
        text += problem.pointer + ": " + problem.message + "\n";
    return text;
}

std::string Judged::said() const {
    std::string text = std::to_string(code) + "\n" +
                       std::to_string(static_cast<int>(verdict.outcome)) + "\n" + verdict.reason +
                       "\n" + verdict.advice + "\n" + std::to_string(verdict.retry_after_ms) +
                       "\n" + verdict.external_run_id + " " + verdict.external_link + "\n" +
                       std::to_string(verdict.next_step_after_ms) + "\n" + verdict.response;
    if (verdict.state) text += "\n" + std::to_string(verdict.state->first) + verdict.state->second;
    if (verdict.finished) text += *verdict.finished ? "\nsucceeded" : "\nfailed";
    return text;
}

}  // namespace signalbox::conformance
