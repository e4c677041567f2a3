#include "dispatch/censor.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/encoding.hpp"
#include "json/writer.hpp"

namespace signalbox::dispatch {
namespace {

constexpr std::size_t kCensoredBytesMin = 4;

/// Each of `letters` in `text` as `escaped` says it.
template <class Escaped>
std::string escape(std::string_view text, std::string_view letters, Escaped escaped) {
    std::string made;
    for (const char letter : text) {
        if (letters.find(letter) == std::string_view::npos) {
            made += letter;
        } else {
            made += escaped(letter);
        }
    }
    return made;
}

std::string by_number(char letter) {
    static constexpr char kDigits[] = "0123456789abcdef";
    return {'\\', 'u', '0', '0', kDigits[letter >> 4], kDigits[letter & 15]};
}

/// `%2f` and a plus for a blank, as forms are written by some.
std::string lower_percent(std::string encoded) {
    for (std::size_t at = encoded.find('%'); at != std::string::npos; at = encoded.find('%', at + 3)) {
        for (char& digit : std::span(encoded).subspan(at + 1, 2)) {
            if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
        }
    }
    return encoded;
}

std::string blanks_as_plus(std::string encoded) {
    for (std::size_t at = encoded.find("%20"); at != std::string::npos; at = encoded.find("%20", at + 1))
        encoded.replace(at, 3, "+");
    return encoded;
}

}  // namespace

std::string in_json(std::string_view text) {
    std::string quoted;
    json::append_string(quoted, text);
    return quoted.substr(1, quoted.size() - 2);
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
            continue;
        }
        static constexpr char kDigits[] = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
    return encoded;
}

void Censor::add_form(std::string form) {
    if (form.size() < kCensoredBytesMin) return;
    const auto at = std::lower_bound(forms_.begin(), forms_.end(), form,
                                     [](const std::string& a, const std::string& b) {
                                         return a.size() != b.size() ? a.size() > b.size() : a < b;
                                     });
    if (at == forms_.end() || *at != form) forms_.insert(at, std::move(form));
}

void Censor::add(std::string_view value) {
    add_form(std::string(value));
    add_form(in_json(value));
    add_form(in_json(in_json(value)));  // a reply that quotes a reply
    // Writers of JSON that escape more than they must: Go's the first, PHP's the second.
    add_form(escape(in_json(value), "&<>", by_number));
    add_form(escape(in_json(value), "/", [](char) { return std::string("\\/"); }));
    const std::string percents = percent_encoded(value);
    add_form(percents);
    add_form(lower_percent(percents));
    add_form(blanks_as_plus(percents));
    add_form(lower_percent(blanks_as_plus(percents)));
    add_form(to_base64(value));
}

void Censor::add_header(std::string_view value) {
    add(value);
    const std::size_t space = value.find(' ');
    if (space != std::string_view::npos) add(value.substr(space + 1));
}

void Censor::censor(std::string& text) const {
    for (const std::string& form : forms_) {
        for (std::size_t at = text.find(form); at != std::string::npos;
             at = text.find(form, at + 3))
            text.replace(at, form.size(), "***");
    }
}

void Censor::censor(plugins::Verdict& verdict) const {
    for (std::string* text : {&verdict.reason, &verdict.advice, &verdict.external_run_id,
                              &verdict.external_link, &verdict.response})
        censor(*text);
}

}  // namespace signalbox::dispatch
