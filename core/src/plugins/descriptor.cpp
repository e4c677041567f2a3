#include "plugins/descriptor.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/door.hpp"
#include "plugins/http_text.hpp"
#include "signalbox/plugin/v1.h"

namespace signalbox::plugins {
namespace {

constexpr std::array<std::pair<const char*, bool Descriptor::*>, 4> capabilities = {{
    {"returns_run_id", &Descriptor::returns_run_id},
    {"can_cancel", &Descriptor::can_cancel},
    {"reports_status", &Descriptor::reports_status},
    {"deduplicates", &Descriptor::deduplicates},
}};

std::string listed(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words)
        list += (list.empty() ? "" : ", ") + word;
    return list;
}

/// Reads one descriptor and gathers every finding, so that an author repairs it once.
class Reader {
  public:
    Result<Descriptor> read(std::string_view text) {
        auto document = json::parse(text);
        if (!document) {
            return Error{"plugin_bad_descriptor",
                         "the plugin's descriptor is not JSON: " + document.error().message};
        }
        if (!document->is_object()) {
            return Error{"plugin_bad_descriptor", "the plugin's descriptor is not a JSON object"};
        }
        descriptor_.document = std::move(*document);
        const json::Object& top = descriptor_.document.as_object();
        // The version comes first: whatever else another major's descriptor says, the reason is
        // this.
        read_abi(top);
        if (auto checked = check_major(top); !checked) return std::move(checked).error();
        read_words(top);
        read_schemas(top);
        read_capabilities(top);
        read_signing(top);
        read_delivery(top);
        read_deduplicates_by(top);
        read_setup(top);
        refuse_unknown(
            top, "",
            {"abi", "id", "version", "license", "description", "invocation_types", "settings",
             "capabilities", "signing", "delivery", "deduplicates_by", "setup"});
        if (details_.empty()) return std::move(descriptor_);
        std::string message = "the plugin's descriptor has " + std::to_string(details_.size()) +
                              (details_.size() == 1 ? " error" : " errors") + "; the first at '" +
                              details_.front().pointer + "': " + details_.front().message;
        return Error{"plugin_bad_descriptor", std::move(message), std::move(details_)};
    }

  private:
    void find(std::string pointer, std::string message) {
        details_.push_back({std::move(pointer), std::move(message)});
    }

    /// A newer minor may say more than this Signalbox knows; the same or an older one must not,
    /// because then it is a misspelling, and a misspelled `signing` would be an open door.
    bool newer() const { return descriptor_.abi_minor > SIGNALBOX_ABI_MINOR; }

    void refuse_unknown(const json::Object& object, const std::string& base,
                        const std::vector<std::string>& accepted) {
        if (newer()) return;
        for (const auto& member : object) {
            const std::string name(member.key());
            if (std::find(accepted.begin(), accepted.end(), name) != accepted.end()) continue;
            const auto meant = nearest(name, accepted);
            find(base + "/" + json::escape_token(name),
                 "unknown member '" + name + "'; " +
                     (meant.empty() ? "accepted: " + listed(accepted)
                                    : "did you mean '" + std::string(meant) + "'?"));
        }
    }

    void read_abi(const json::Object& top) {
        const json::Value* abi = top.if_contains("abi");
        if (abi == nullptr || !abi->is_object()) {
            return find("/abi", "missing; write \"abi\": {\"major\": 1, \"minor\": 0}");
        }
        descriptor_.abi_major = version_number(abi->as_object(), "major");
        descriptor_.abi_minor = version_number(abi->as_object(), "minor");
        refuse_unknown(abi->as_object(), "/abi", {"major", "minor"});
    }

    int version_number(const json::Object& abi, const char* name) {
        constexpr std::int64_t number_max = 65'535;
        const json::Value* value = abi.if_contains(name);
        const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
        if (number == nullptr || *number < 0 || *number > number_max) {
            find(std::string("/abi/") + name, "a number from 0 to 65535 belongs here");
            return SIGNALBOX_ABI_MAJOR;
        }
        return static_cast<int>(*number);
    }

    Result<Done> check_major(const json::Object& top) const {
        if (!details_.empty() || descriptor_.abi_major == SIGNALBOX_ABI_MAJOR) return Done{};
        const json::Value* id = top.if_contains("id");
        const bool named = id != nullptr && id->is_string() && is_plugin_id(id->as_string());
        const bool ahead = descriptor_.abi_major > SIGNALBOX_ABI_MAJOR;
        return Error{"plugin_abi",
                     "the plugin" + (named ? " '" + std::string(id->as_string()) + "'" : "") +
                         " was built for plugin ABI " + std::to_string(descriptor_.abi_major) +
                         "." + std::to_string(descriptor_.abi_minor) +
                         ", but this Signalbox loads " + std::to_string(SIGNALBOX_ABI_MAJOR) +
                         ".x. " +
                         (ahead ? "Use a newer Signalbox, or build the plugin with this one's SDK."
                                : "Build the plugin again with this Signalbox's SDK.")};
    }

    static bool is_plugin_id(std::string_view id) {
        constexpr std::size_t id_bytes_max = 64;
        return !id.empty() && id.size() <= id_bytes_max &&
               id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                   std::string_view::npos;
    }

    std::string word(const json::Object& top, const char* name, bool required) {
        const json::Value* value = top.if_contains(name);
        if (value == nullptr && !required) return {};
        const bool text = value != nullptr && value->is_string();
        if (!text || (required && value->as_string().empty())) {
            find(std::string("/") + name,
                 value == nullptr ? "missing; a text belongs here" : "a text belongs here");
            return {};
        }
        return clean_text(value->as_string(), limits::plugin_reason_bytes_max);
    }

    void read_words(const json::Object& top) {
        descriptor_.id = word(top, "id", true);
        if (!descriptor_.id.empty() && !is_plugin_id(descriptor_.id)) {
            find("/id", "at most 64 lower-case letters, digits and '-' belong here");
        }
        descriptor_.version = word(top, "version", true);
        descriptor_.license = word(top, "license", false);
        descriptor_.description = word(top, "description", true);
    }

    std::optional<schema::Schema> schema_at(const json::Value& value, const std::string& base) {
        auto compiled = schema::Schema::compile(value, true);
        if (compiled) return std::move(*compiled);
        const Error& error = compiled.error();
        if (error.details.empty()) find(base, error.message);
        for (const Detail& detail : error.details)
            find(base + detail.pointer, detail.message);
        return std::nullopt;
    }

    void read_schemas(const json::Object& top) {
        const json::Value* settings = top.if_contains("settings");
        if (settings == nullptr) {
            find("/settings", "missing; the schema of a connection's settings belongs here");
        } else if (auto schema = schema_at(*settings, "/settings")) {
            descriptor_.settings = std::move(*schema);
        }
        const json::Value* types = top.if_contains("invocation_types");
        if (types == nullptr || !types->is_object() || types->as_object().empty()) {
            return find("/invocation_types",
                        "at least one invocation type with the schema of its members belongs here");
        }
        for (const auto& type : types->as_object()) {
            const std::string name(type.key());
            auto schema = schema_at(type.value(), "/invocation_types/" + json::escape_token(name));
            if (schema) descriptor_.invocation_types.emplace(name, std::move(*schema));
        }
    }

    void read_capabilities(const json::Object& top) {
        const json::Value* list = top.if_contains("capabilities");
        if (list == nullptr) return;
        if (!list->is_array()) return find("/capabilities", "a list of names belongs here");
        std::size_t index = 0;
        for (const json::Value& item : list->as_array()) {
            read_capability(item, "/capabilities/" + std::to_string(index++));
        }
    }

    void read_capability(const json::Value& item, const std::string& pointer) {
        std::vector<std::string> accepted;
        for (const auto& [name, member] : capabilities) {
            if (item.is_string() && item.as_string() == name) {
                descriptor_.*member = true;
                return;
            }
            accepted.emplace_back(name);
        }
        if (!newer()) find(pointer, "unknown capability; accepted: " + listed(accepted));
    }

    void read_signing(const json::Object& top) {
        const json::Value* value = top.if_contains("signing");
        if (value == nullptr) return;
        if (!value->is_object()) return find("/signing", "an object belongs here");
        const json::Object& signing = value->as_object();
        refuse_unknown(signing, "/signing", {"scheme", "header", "required"});

        if (const json::Value* scheme = signing.if_contains("scheme")) {
            if (scheme->is_string()) {
                descriptor_.signing_scheme = signing::scheme_from_name(scheme->as_string());
            }
            if (!descriptor_.signing_scheme) {
                find("/signing/scheme",
                     "unknown scheme; accepted: " + listed(signing::scheme_names()));
            }
        } else {
            find("/signing/scheme", "missing; accepted: " + listed(signing::scheme_names()));
        }
        if (const json::Value* header = signing.if_contains("header")) {
            if (header->is_string() && is_token(header->as_string())) {
                descriptor_.signing_header = std::string(header->as_string());
            } else {
                find("/signing/header", "the name of a header belongs here");
            }
        }
        if (const json::Value* required = signing.if_contains("required")) {
            if (required->is_bool()) {
                descriptor_.signing_required = required->as_bool();
            } else {
                find("/signing/required", "true or false belongs here");
            }
        }
    }

    void read_delivery(const json::Object& top) {
        const json::Value* value = top.if_contains("delivery");
        if (value == nullptr) return;
        const std::string_view word =
            value->is_string() ? std::string_view(value->as_string()) : std::string_view();
        descriptor_.blocking = word == "blocking";
        if (word != "http" && word != "blocking") find("/delivery", "accepted: http, blocking");
    }

    void read_deduplicates_by(const json::Object& top) {
        const std::string name = word(top, "deduplicates_by", false);
        if (name.empty()) return;
        const json::Value* type = json::at_pointer(
            descriptor_.document, "/settings/properties/" + json::escape_token(name) + "/type");
        if (type == nullptr || !type->is_string() || type->as_string() != "boolean") {
            find("/deduplicates_by", "the name of a boolean setting belongs here");
        }
        descriptor_.deduplicates_by = name;
    }

    /// Not cleaned: it has lines, and is shown only after its placeholders are filled.
    void read_setup(const json::Object& top) {
        const json::Value* value = top.if_contains("setup");
        if (value == nullptr) return;
        if (!value->is_string()) return find("/setup", "a text belongs here");
        if (value->as_string().size() > limits::plugin_setup_bytes_max) {
            return find("/setup",
                        "has " + std::to_string(value->as_string().size()) + " bytes; at most " +
                            std::to_string(limits::plugin_setup_bytes_max) + " are accepted");
        }
        descriptor_.setup = std::string(value->as_string());
    }

    Descriptor descriptor_;
    std::vector<Detail> details_;
};

}  // namespace

Result<Descriptor> parse_descriptor(std::string_view text) {
    return Reader().read(text);
}

}  // namespace signalbox::plugins
