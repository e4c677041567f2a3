#ifndef SIGNALBOX_PLUGIN_EXPORT_HPP
#define SIGNALBOX_PLUGIN_EXPORT_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>

#include "signalbox/plugin/target.hpp"

/// How a Target becomes a plugin: the functions of v1.h, each behind a barrier that no exception
/// passes, and the ELF note. Authors need two things from here: SIGNALBOX_PLUGIN, or, for a target
/// that is compiled into a host program, signalbox::plugin::entry.
namespace signalbox::plugin {

namespace detail {

inline std::string_view view(signalbox_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline signalbox_text text(std::string_view view) {
    return {view.data(), view.size()};
}

inline Run run_of(const signalbox_run& run) {
    return {view(run.id),         view(run.action),  view(run.type),
            view(run.method),     view(run.payload), view(run.delivery_id),
            view(run.public_url), run.attempt,       run.wall_ms,
            SIGNALBOX_HAS(&run, signalbox_run, credential) ? view(run.credential)
                                                           : std::string_view()};
}

inline State state_of(const signalbox_state& state) {
    return {state.version, view(state.data)};
}

inline Response response_of(const signalbox_response& reply) {
    Response response;
    response.status = reply.status;
    response.headers.reserve(reply.header_count);
    for (std::size_t i = 0; i < reply.header_count; ++i) {
        response.headers.push_back({view(reply.headers[i].name), view(reply.headers[i].value)});
    }
    response.body = view(reply.body);
    response.wall_ms = reply.wall_ms;
    return response;
}

inline void write(const Request& request, const signalbox_request_writer& to) {
    to.method(to.context, text(request.method));
    to.url(to.context, text(request.url));
    for (const auto& [name, value] : request.headers) {
        to.header(to.context, text(name), text(value));
    }
    for (const auto& [name, value] : request.secret_headers) {
        to.secret_header(to.context, text(name), text(value));
    }
    if (request.body) to.body(to.context, text(*request.body));
    if (request.safe) to.safe(to.context, 1);
}

inline void write(const Plan& plan, const signalbox_request_writer& to) {
    const Request* request = plan.request();
    if (request == nullptr) return to.done(to.context);
    write(*request, to);
}

inline void write(const Verdict& verdict, const signalbox_verdict_writer& to) {
    to.outcome(to.context, static_cast<signalbox_outcome>(verdict.outcome));
    if (!verdict.reason.empty()) to.reason(to.context, text(verdict.reason));
    if (!verdict.advice.empty()) to.advice(to.context, text(verdict.advice));
    if (verdict.retry_after_ms) to.retry_after_ms(to.context, *verdict.retry_after_ms);
    if (!verdict.external_id.empty() || !verdict.external_link.empty()) {
        to.external_run(to.context, text(verdict.external_id), text(verdict.external_link));
    }
    if (verdict.state) to.state(to.context, verdict.state->first, text(verdict.state->second));
    if (verdict.next_step_after_ms) to.next_step_after_ms(to.context, *verdict.next_step_after_ms);
    if (verdict.finished) to.finished(to.context, *verdict.finished ? 1 : 0);
    if (!verdict.response.empty()) to.response(to.context, text(verdict.response));
}

inline void write(const Credential& credential, const signalbox_credential_writer& to) {
    const Verdict* why_not = credential.why_not();
    if (why_not == nullptr) {
        return to.credential(to.context, text(credential.bytes()), credential.valid_ms());
    }
    to.outcome(to.context, static_cast<signalbox_outcome>(why_not->outcome));
    if (!why_not->reason.empty()) to.reason(to.context, text(why_not->reason));
    if (!why_not->advice.empty()) to.advice(to.context, text(why_not->advice));
    if (why_not->retry_after_ms) to.retry_after_ms(to.context, *why_not->retry_after_ms);
}

/// The exception barrier: runs `body` and turns whatever it throws into an answer and a problem.
template <class Writer, class Body>
signalbox_answer guarded(const Writer& writer, Body&& body) noexcept {
    const auto problem = [&writer](std::string_view pointer, std::string_view message) {
        writer.problem(writer.context, text(pointer), text(message));
    };
    try {
        body();
        return SIGNALBOX_OK;
    } catch (const Refusal& refusal) {
        problem(refusal.pointer(), refusal.what());
        return SIGNALBOX_REFUSED;
    } catch (const std::exception& fault) {
        problem({}, fault.what());
        return SIGNALBOX_BROKEN;
    } catch (...) {
        problem({}, "something that is not a std::exception was thrown");
        return SIGNALBOX_BROKEN;
    }
}

/// The C functions of one target class, of either kind. A signalbox_connection is that class's
/// object.
template <class TargetClass>
struct Thunks {
    static constexpr bool blocking = std::is_base_of_v<BlockingTarget, TargetClass>;
    static constexpr bool has_step = std::is_base_of_v<ConnectionStep, TargetClass>;
    static_assert(blocking != std::is_base_of_v<Target, TargetClass>,
                  "a plugin's class derives from Target or from BlockingTarget");
    static_assert(!(blocking && has_step), "a connection step belongs to a Target");

    static TargetClass& target(signalbox_connection* connection) noexcept {
        return *reinterpret_cast<TargetClass*>(connection);
    }

    static signalbox_answer connect(const signalbox_host* host, signalbox_text settings,
                                    signalbox_connection** connection,
                                    const signalbox_problem_writer* writer) noexcept {
        return guarded(*writer, [&] {
            auto* made = new TargetClass(view(settings), Host(host));
            *connection = reinterpret_cast<signalbox_connection*>(made);
        });
    }

    static void disconnect(signalbox_connection* connection) noexcept {
        delete &target(connection);
    }

    static signalbox_answer plan(signalbox_connection* connection, const signalbox_run* run,
                                 const signalbox_state* state,
                                 const signalbox_request_writer* writer) noexcept {
        return guarded(*writer, [&] {
            write(target(connection).plan(run_of(*run), state_of(*state)), *writer);
        });
    }

    static signalbox_answer judge(signalbox_connection* connection, const signalbox_run* run,
                                  const signalbox_state* state, const signalbox_response* response,
                                  const signalbox_verdict_writer* writer) noexcept {
        return guarded(*writer, [&] {
            write(target(connection).judge(run_of(*run), state_of(*state), response_of(*response)),
                  *writer);
        });
    }

    static signalbox_answer check(signalbox_connection* connection, const signalbox_run* run,
                                  const signalbox_problem_writer* writer) noexcept {
        return guarded(*writer, [&] { target(connection).check(run_of(*run)); });
    }

    static signalbox_answer deliver(signalbox_connection* connection, const signalbox_run* run,
                                    const signalbox_state* state, const signalbox_call* call,
                                    const signalbox_verdict_writer* writer) noexcept {
        return guarded(*writer, [&] {
            write(target(connection).deliver(run_of(*run), state_of(*state), Call(*call)), *writer);
        });
    }

    static signalbox_answer plan_step(signalbox_connection* connection, std::int64_t wall_ms,
                                      const signalbox_request_writer* writer) noexcept {
        return guarded(*writer,
                       [&] { write(target(connection).plan_credential(wall_ms), *writer); });
    }

    static signalbox_answer judge_step(signalbox_connection* connection,
                                       const signalbox_response* response,
                                       const signalbox_credential_writer* writer) noexcept {
        return guarded(*writer, [&] {
            write(target(connection).judge_credential(response_of(*response)), *writer);
        });
    }

    static const void* extension(signalbox_text id) noexcept {
        if constexpr (blocking) {
            static constexpr signalbox_blocking table = {sizeof(signalbox_blocking), 0, &check,
                                                         &deliver};
            if (view(id) == SIGNALBOX_BLOCKING_EXTENSION) return &table;
        }
        if constexpr (has_step) {
            static constexpr signalbox_connection_step table = {sizeof(signalbox_connection_step),
                                                                0, &plan_step, &judge_step};
            if (view(id) == SIGNALBOX_CONNECTION_STEP_EXTENSION) return &table;
        }
        static_cast<void>(id);
        return nullptr;
    }
};

template <class TargetClass>
signalbox_answer fill(signalbox_plugin* plugin, signalbox_text descriptor) noexcept {
    using Table = Thunks<TargetClass>;
    constexpr bool extends = Table::blocking || Table::has_step;
    if (plugin == nullptr || !SIGNALBOX_HAS(plugin, signalbox_plugin, judge) ||
        (extends && !SIGNALBOX_HAS(plugin, signalbox_plugin, extension))) {
        return SIGNALBOX_BROKEN;
    }
    plugin->abi_minor = SIGNALBOX_ABI_MINOR;
    plugin->descriptor = descriptor;
    plugin->connect = &Table::connect;
    plugin->disconnect = &Table::disconnect;
    if constexpr (!Table::blocking) {
        plugin->plan = &Table::plan;
        plugin->judge = &Table::judge;
    }
    if constexpr (extends) plugin->extension = &Table::extension;
    return SIGNALBOX_OK;
}

/// An ELF note as it lies in the file: owner and text are each padded to four bytes, the text
/// without the literal's NUL, because readers look for the next note right behind it. It has no
/// constructor, because the compiler would put an object that has one into writable memory.
template <std::size_t Size>
struct Note {
    std::uint32_t owner_size;
    std::uint32_t text_size;
    std::uint32_t type;
    char owner[(sizeof SIGNALBOX_NOTE_OWNER + 3) / 4 * 4];
    char text[(Size - 1 + 3) / 4 * 4];
};

template <std::size_t Size>
constexpr Note<Size> make_note(const char (&text)[Size]) {
    static_assert(Size > 1, "the descriptor is empty");
    Note<Size> note = {
        sizeof SIGNALBOX_NOTE_OWNER, Size - 1, SIGNALBOX_NOTE_TYPE, SIGNALBOX_NOTE_OWNER, {}};
    for (std::size_t i = 0; i + 1 < Size; ++i)
        note.text[i] = text[i];
    return note;
}

}  // namespace detail

/// The entry of a target that is compiled into the host program: no note, no symbol that could
/// clash. `descriptor` is a char array with static storage:
///
///     inline constexpr char descriptor[] = R"({"abi": …})";
///     auto plugin = adopt(&signalbox::plugin::entry<Acme, descriptor>, …);
template <class TargetClass, const auto& descriptor>
signalbox_answer entry(const signalbox_host*, signalbox_plugin* plugin) noexcept {
    return detail::fill<TargetClass>(plugin, {descriptor, sizeof descriptor - 1});
}

}  // namespace signalbox::plugin

/// Makes this library a plugin; once, at global scope. `descriptor` is a string literal or a
/// constexpr char array: the JSON of v1.h. The host reads it out of the file's note before any code
/// runs, and the entry gives the very same bytes.
#define SIGNALBOX_PLUGIN(TargetClass, ...)                                                  \
    namespace {                                                                             \
    __attribute__((section(SIGNALBOX_NOTE_SECTION), used,                                   \
                   aligned(4))) constexpr auto signalbox_note =                             \
        ::signalbox::plugin::detail::make_note(__VA_ARGS__);                                \
    }                                                                                       \
    extern "C" __attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1( \
        const signalbox_host*, signalbox_plugin* plugin) {                                  \
        return ::signalbox::plugin::detail::fill<TargetClass>(                              \
            plugin, {signalbox_note.text, signalbox_note.text_size});                       \
    }

#endif
