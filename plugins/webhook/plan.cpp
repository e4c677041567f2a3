#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "target.hpp"
#include "url.hpp"

namespace webhook {

using namespace signalbox::plugin;

namespace {

std::string lower(std::string_view text) {
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return lowered;
}

std::string pointer_to(const std::string& header) {
    std::string pointer = "/headers/";
    for (const char letter : header) {
        if (letter == '~') {
            pointer += "~0";
        } else if (letter == '/') {
            pointer += "~1";
        } else {
            pointer += letter;
        }
    }
    return pointer;
}

void check_header(const std::string& name, const std::string& value) {
    constexpr std::string_view token =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::array<std::string_view, 10> transports = {"host",
                                                             "content-length",
                                                             "transfer-encoding",
                                                             "connection",
                                                             "keep-alive",
                                                             "upgrade",
                                                             "te",
                                                             "trailer",
                                                             "expect",
                                                             "proxy-connection"};
    constexpr std::size_t header_bytes_max = 8 * 1024;
    if (name.empty() || name.find_first_not_of(token) != std::string::npos)
        throw Refusal(pointer_to(name), "is no header's name");
    if (std::find(transports.begin(), transports.end(), lower(name)) != transports.end())
        throw Refusal(pointer_to(name), "belongs to the connection and is written by Signalbox");
    const bool controls = std::any_of(value.begin(), value.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\t') || byte == 0x7F;
    });
    if (controls) throw Refusal(pointer_to(name), "has a line break or a control character");
    if (name.size() + value.size() > header_bytes_max)
        throw Refusal(pointer_to(name), "is longer than 8 KiB");
}

}  // namespace

Target::Target(std::string_view settings, Host host)
    : settings_(read_settings(settings)), host_(host) {}

const json::Value& Target::members_of(const Run& run) {
    if (run.method != method_) {
        members_ = json::parse(run.method);
        method_ = run.method;
    }
    return members_;
}

void Target::add_headers(Request& request, const Run& run, const json::Value& headers) const {
    constexpr std::size_t headers_max = 48;
    if (headers.members().size() > headers_max)
        throw Refusal("/headers", "are more than " + std::to_string(headers_max));
    // The action's own come first, and replace these.
    std::string written = "\n";
    for (const auto& [name, value] : headers.members()) {
        if (value.is_null()) continue;
        if (!value.is_string())
            throw Refusal(pointer_to(name), "must be a text; put quotes around it");
        check_header(name, value.text_or(""));
        request.with_header(name, value.text_or(""));
        written += lower(name) + "\n";
    }
    const auto add = [&](const std::string& name, std::string_view value) {
        if (written.find("\n" + lower(name) + "\n") == std::string::npos)
            request.with_header(name, std::string(value));
    };
    if (request.method != "GET") add("Content-Type", "application/json");
    add("User-Agent", "Signalbox");
    add(settings_.delivery_id_header, run.delivery_id);
    if (settings_.authorization.empty()) return;
    const auto secret = host_.secret(settings_.authorization);
    if (!secret) throw Refusal("", "the connection's authorization is not to be had");
    if (written.find("\nauthorization\n") != std::string::npos)
        throw Refusal("/headers/Authorization", "is written here and in the connection's settings");
    request.with_secret_header("Authorization", *secret);
}

Plan Target::plan(const Run& run, const State&) {
    const json::Value& members = members_of(run);
    const std::string url = members["url"].text_or("");
    if (url.empty()) throw Refusal("/url", "is missing; write the service's URL");
    Request request =
        Request::post(with_query(resolve(url, settings_.base_url), members["queryParams"]));
    request.method = members["method"].text_or("POST");
    if (request.method == "GET") request.body = "";
    add_headers(request, run, members["headers"]);
    return request;
}

}  // namespace webhook
