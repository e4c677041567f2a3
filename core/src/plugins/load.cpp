// Boost 1.81's library_info.hpp, which shared_library's headers reach, needs <vector> before it.
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugins/breadcrumb.hpp"
#include "plugins/connection.hpp"
#include "plugins/note.hpp"
#include "plugins/plugin.hpp"
#include "plugins/trust.hpp"

namespace signalbox::plugins {
namespace {

class LoadedPlugin final : public Plugin {
  public:
    explicit LoadedPlugin(std::shared_ptr<const Functions> functions)
        : functions_(std::move(functions)) {}

    const Descriptor& descriptor() const override { return functions_->descriptor; }
    const std::string& origin() const override { return functions_->origin; }
    Result<std::unique_ptr<Connection>> connect(const json::Value& settings,
                                                ConnectionInfo info) override {
        return connect_through(functions_, settings, std::move(info));
    }

  private:
    std::shared_ptr<const Functions> functions_;
};

/// Keeps a library open for good, with one handle however often it is loaded: a host may start and
/// stop as often as it likes. The map is never destroyed either, so no destructor at exit can close
/// one while another one still calls into it.
void keep_open(boost::dll::shared_library library) {
    static std::mutex& mutex = *new std::mutex;
    static auto& open = *new std::map<void*, boost::dll::shared_library>;
    const std::lock_guard lock(mutex);
    void* const handle = library.native();
    open.try_emplace(handle, std::move(library));
}

Result<boost::dll::shared_library> open_library(const std::filesystem::path& file) {
    try {
        // A bare name would be searched for by the loader, so the path is made absolute. RTLD_NOW:
        // what cannot be resolved must fail here, not in the middle of a delivery.
        return boost::dll::shared_library(
            std::filesystem::absolute(file),
            boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    } catch (const std::exception& failure) {
        return Error{"plugin_unloadable", "plugin file '" + file.string() +
                                              "' could not be loaded: " + failure.what() +
                                              ". Build it for this system and its libraries."};
    }
}

Error broken_entry(const std::string& origin, const std::string& how) {
    return {"plugin_broken", "plugin '" + origin +
                                 "' broke its contract: " SIGNALBOX_PLUGIN_ENTRY_NAME " " + how +
                                 ". This is a defect in the plugin: report it to its author."};
}

Result<signalbox_plugin> call_entry(signalbox_plugin_entry entry, const std::string& origin) {
    signalbox_plugin table = {};
    table.struct_size = sizeof table;
    const Breadcrumb breadcrumb(origin, "load");
    signalbox_answer answer = SIGNALBOX_BROKEN;
    try {
        answer = entry(&plugin_host(), &table);
    } catch (...) {
        return broken_entry(origin, "let an exception escape");
    }
    if (answer != SIGNALBOX_OK) {
        return broken_entry(origin, "answered " + std::to_string(answer) + " in place of 0 (OK)");
    }
    if (table.connect == nullptr || table.disconnect == nullptr) {
        return broken_entry(origin, "left out connect or disconnect");
    }
    if (table.descriptor.data == nullptr) return broken_entry(origin, "gave no descriptor");
    return table;
}

template <class Table>
const Table* extension(const signalbox_plugin& table, std::string_view id) {
    if (table.extension == nullptr) return nullptr;
    return static_cast<const Table*>(table.extension({id.data(), id.size()}));
}

/// Holds what the table offers against what the descriptor promises.
Result<std::shared_ptr<Plugin>> made(const signalbox_plugin& table, Descriptor descriptor,
                                     std::string origin, LogSink& log, const Clock& clock) {
    const auto* blocking = extension<signalbox_blocking>(table, SIGNALBOX_BLOCKING_EXTENSION);
    const auto* step =
        extension<signalbox_connection_step>(table, SIGNALBOX_CONNECTION_STEP_EXTENSION);
    if (descriptor.blocking != (blocking != nullptr)) {
        return broken_entry(origin, descriptor.blocking
                                        ? "offers no " SIGNALBOX_BLOCKING_EXTENSION
                                          ", and the descriptor's delivery is blocking"
                                        : "offers " SIGNALBOX_BLOCKING_EXTENSION
                                          ", and the descriptor's delivery is http");
    }
    if (blocking != nullptr &&
        (!SIGNALBOX_HAS(blocking, signalbox_blocking, deliver) || blocking->deliver == nullptr)) {
        return broken_entry(origin, "left out deliver");
    }
    if (blocking == nullptr && (table.plan == nullptr || table.judge == nullptr)) {
        return broken_entry(origin, "left out plan or judge");
    }
    if (step != nullptr && (!SIGNALBOX_HAS(step, signalbox_connection_step, judge) ||
                            step->plan == nullptr || step->judge == nullptr)) {
        return broken_entry(origin, "left out a function of its connection step");
    }
    return std::shared_ptr<Plugin>(std::make_shared<LoadedPlugin>(std::make_shared<const Functions>(
        Functions{table, blocking, step, std::move(descriptor), std::move(origin), log, clock})));
}

}  // namespace

Result<std::shared_ptr<Plugin>> load(const std::filesystem::path& written, LogSink& log,
                                     const Clock& clock) {
    auto trusted = check_trust(written);
    if (!trusted) return std::move(trusted).error();
    const std::filesystem::path& file = *trusted;
    auto note = read_note(file);
    if (!note) return std::move(note).error();
    auto descriptor = parse_descriptor(*note);
    if (!descriptor) {
        Error error = std::move(descriptor).error();
        error.message = "'" + file.string() + "': " + error.message;
        return error;
    }
    const std::string origin = file.string();
    const Breadcrumb breadcrumb(origin, "load");  // its static constructors run here
    auto library = open_library(file);
    if (!library) return std::move(library).error();

    signalbox_plugin_entry entry = nullptr;
    if (library->has(SIGNALBOX_PLUGIN_ENTRY_NAME)) {
        entry = &library->get<signalbox_answer(const signalbox_host*, signalbox_plugin*)>(
            SIGNALBOX_PLUGIN_ENTRY_NAME);
    }
    keep_open(std::move(*library));
    if (entry == nullptr) {
        return Error{
            "plugin_no_entry",
            "plugin file '" + file.string() +
                "' has a Signalbox note but exports no " SIGNALBOX_PLUGIN_ENTRY_NAME
                ". Build it with SIGNALBOX_PLUGIN, and let the linker export that symbol."};
    }
    auto table = call_entry(entry, origin);
    if (!table) return std::move(table).error();
    if (std::string_view(table->descriptor.data, table->descriptor.size) != *note) {
        return Error{
            "plugin_mismatch",
            "plugin file '" + file.string() +
                "' gives another descriptor when it runs than in its note. Build it again; "
                "if it was replaced while Signalbox ran, restart Signalbox."};
    }
    return made(*table, std::move(*descriptor), origin, log, clock);
}

Result<std::shared_ptr<Plugin>> adopt(signalbox_plugin_entry entry, LogSink& log,
                                      const Clock& clock) {
    const std::string origin = "built in";
    auto table = call_entry(entry, origin);
    if (!table) return std::move(table).error();
    auto descriptor =
        parse_descriptor(std::string_view(table->descriptor.data, table->descriptor.size));
    if (!descriptor) return std::move(descriptor).error();
    return made(*table, std::move(*descriptor), origin, log, clock);
}

}  // namespace signalbox::plugins
