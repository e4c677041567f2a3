#include "dispatch/censor.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "json/writer.hpp"

namespace signalbox::dispatch {
namespace {

constexpr std::size_t kCensoredBytesMin = 4;

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
    add_form(percent_encoded(value));
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
