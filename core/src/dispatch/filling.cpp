#include "dispatch/filling.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/hole.hpp"
#include "base/limits.hpp"

namespace signalbox::dispatch {
namespace {

constexpr std::size_t kWordHexDigits = 40;

std::string scheme_of(std::string_view value) {
    for (const char* scheme : {"https://", "http://"})
        if (value.starts_with(scheme)) return scheme;
    return {};
}

/// May it go into a URL as it stands, right after the scheme?
bool is_rest_of_url(std::string_view text) {
    const std::string_view authority = text.substr(0, text.find_first_of("/?"));
    return !authority.empty() && authority.find('@') == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return c > 0x20 && c < 0x7F &&
                      std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
           });
}

Error unfit(std::string message) {
    return Error{"plan_refused", std::move(message), {}};
}

}  // namespace

Result<std::shared_ptr<const Filling>> Filling::of(const std::shared_ptr<const Secrets>& secrets,
                                                   const journal::RunSeed& seed) {
    // Two looks for one byte are all that a run without secrets pays.
    if (!has_hole(seed.method) && !has_hole(seed.payload)) return {nullptr};
    auto filling = std::make_shared<Filling>();
    std::string missing;
    const std::string salt = sha256(seed.id + '\0' + seed.method + '\0' + seed.payload);
    const auto collect = [&](std::string_view name) {
        const auto known = [&name](const Part& part) { return part.name == name; };
        if (std::any_of(filling->parts_.begin(), filling->parts_.end(), known))
            return std::string();
        const auto found = secrets ? secrets->find(name) : Secrets::const_iterator();
        if (!secrets || found == secrets->end()) return missing = std::string(name), std::string();
        Part part;
        part.name = std::string(name);
        part.scheme = scheme_of(found->second);
        part.value = found->second.substr(part.scheme.size());
        part.word = "s" + to_hex(sha256(salt + part.name)).substr(0, kWordHexDigits);
        filling->parts_.push_back(std::move(part));
        return std::string();
    };
    fill_holes(seed.method, collect);
    fill_holes(seed.payload, collect);
    if (!missing.empty()) {
        return unfit("the secret '" + missing +
                     "' is not in the config any more; add it to `secrets` again");
    }
    const auto word = [&](std::string_view name) {
        const Part& part = filling->part_of(name);
        return part.scheme + part.word;
    };
    const auto value = [&](std::string_view name) {
        const Part& part = filling->part_of(name);
        return in_json(part.scheme + part.value);
    };
    filling->method_with_words_ = fill_holes(seed.method, word);
    filling->payload_with_words_ = fill_holes(seed.payload, word);
    filling->method_ = fill_holes(seed.method, value);
    filling->payload_ = fill_holes(seed.payload, value);
    if (filling->payload_.size() > limits::payload_bytes_max) {
        return Error{"payload_too_large", "with its secrets the payload has more than " +
                                              std::to_string(limits::payload_bytes_max) +
                                              " bytes, the most that are sent"};
    }
    for (const Part& part : filling->parts_) {
        const std::string whole = part.scheme + part.value;
        // Of a secret URL a target sees, and repeats, what comes after the host.
        const std::size_t path = part.scheme.empty() ? whole.size() : part.value.find('/');
        const std::string rest = path >= part.value.size() ? "" : part.value.substr(path);
        filling->censor_.add(whole);
        filling->censor_.add_form(rest);
    }
    return {std::shared_ptr<const Filling>(std::move(filling))};
}

const Filling::Part& Filling::part_of(std::string_view name) const {
    return *std::find_if(parts_.begin(), parts_.end(),
                         [&name](const Part& part) { return part.name == name; });
}

void Filling::dress(plugins::RunView& view) const {
    view.method = method_with_words_;
    view.payload = payload_with_words_;
}

journal::RunSeed Filling::filled(journal::RunSeed seed) const {
    seed.method = method_;
    seed.payload = payload_;
    return seed;
}

template <class Write>
std::string Filling::replace(std::string_view text, Write write) const {
    std::string out(text);
    for (const Part& part : parts_) {
        for (std::size_t at = out.find(part.word); at != std::string::npos;) {
            const std::string with = write(part, at);
            out.replace(at, part.word.size(), with);
            at = out.find(part.word, at + with.size());
        }
    }
    return out;
}

Result<std::string> Filling::url(const std::string& planned) const {
    std::string unusable;
    std::string filled = replace(planned, [&](const Part& part, std::size_t at) {
        const bool leads = !part.scheme.empty() && at == part.scheme.size();
        if (!leads) return percent_encoded(part.value);
        if (!is_rest_of_url(part.value)) unusable = part.name;
        return part.value;
    });
    if (!unusable.empty()) {
        return unfit("the secret '" + unusable +
                     "' stands for a whole URL and is none that can be called; it has a user name, "
                     "a fragment, or characters that belong into no URL");
    }
    if (filled.size() > limits::plugin_url_bytes_max) {
        return unfit("with its secrets the URL has more than " +
                     std::to_string(limits::plugin_url_bytes_max) + " bytes");
    }
    return filled;
}

Result<std::string> Filling::header(const std::string& name, const std::string& planned) const {
    std::string unusable;
    std::string filled = replace(planned, [&](const Part& part, std::size_t) {
        const std::string value = part.scheme + part.value;
        for (const char c : value) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte < 0x20 && c != '\t') || byte == 0x7F) unusable = part.name;
        }
        return part.value;
    });
    if (!unusable.empty()) {
        return unfit("the secret '" + unusable +
                     "' has a line break or a control character, and "
                     "cannot stand in the header " +
                     name);
    }
    if (name.size() + filled.size() > limits::plugin_header_bytes_max) {
        return unfit("with its secrets the header " + name + " has more than " +
                     std::to_string(limits::plugin_header_bytes_max) + " bytes");
    }
    return filled;
}

std::string Filling::body(std::string_view planned, bool json) const {
    return replace(planned, [json](const Part& part, std::size_t) {
        return json ? in_json(part.value) : part.value;
    });
}

std::string Filling::shown(std::string_view planned) const {
    return replace(planned, [](const Part&, std::size_t) { return std::string("***"); });
}

}  // namespace signalbox::dispatch
