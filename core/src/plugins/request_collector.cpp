#include "plugins/request_collector.hpp"

#include "base/limits.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::plugins {
namespace {

/// With those that the host adds: nearly no request has more.
constexpr std::size_t headers_usual = 8;

/// CONNECT and TRACE turn the connection into something that this transport does not speak.
std::string method_fault(std::string_view method) {
    if (method.size() > limits::plugin_method_bytes_max || !is_token(method) ||
        method.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos) {
        return "the method is no upper-case token of at most " +
               std::to_string(limits::plugin_method_bytes_max) + " characters";
    }
    if (method == "CONNECT" || method == "TRACE") {
        return "method " + std::string(method) + " is not accepted";
    }
    return {};
}

}  // namespace

signalbox_request_writer RequestCollector::writer() noexcept {
    shielded([&] { request_.headers.reserve(headers_usual); });
    return {sizeof(signalbox_request_writer),
            0,
            static_cast<Collector*>(this),
            &on_problem,
            &on_method,
            &on_url,
            &on_header,
            &on_body,
            &on_safe,
            &on_done,
            &on_secret_header};
}

void RequestCollector::finish() noexcept {
    shielded([&] {
        const bool anything = method_said_ || url_said_ || body_said_ ||
                              !request_.headers.empty() || !request_.secret_headers.empty() ||
                              request_.safe;
        if (request_.done && anything) breach("it said done() and built a request as well");
        if (!request_.done && !url_said_) breach("it set no URL and did not say done()");
    });
}

RequestCollector& RequestCollector::of(void* context) noexcept {
    return static_cast<RequestCollector&>(*static_cast<Collector*>(context));
}

void RequestCollector::on_method(void* context, signalbox_text method) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto text = self.read(method, "the method");
        if (!text || !self.once(self.method_said_, "the method")) return;
        if (auto fault = method_fault(*text); !fault.empty()) return self.breach(std::move(fault));
        self.request_.method = *text;
    });
}

void RequestCollector::on_url(void* context, signalbox_text url) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto text = self.read(url, "the URL");
        if (!text || !self.once(self.url_said_, "the URL")) return;
        if (text->size() > limits::plugin_url_bytes_max) {
            return self.breach("the URL has " + std::to_string(text->size()) + " bytes; at most " +
                               std::to_string(limits::plugin_url_bytes_max) + " are accepted");
        }
        // The URL itself is not quoted: a query may carry a key.
        if (const auto fault = url_fault(*text); !fault.empty()) {
            return self.breach("the URL cannot be used: " + fault);
        }
        self.request_.url = *text;
    });
}

void RequestCollector::on_header(void* context, signalbox_text name,
                                 signalbox_text value) noexcept {
    of(context).take_header(name, value, of(context).request_.headers);
}

void RequestCollector::on_secret_header(void* context, signalbox_text name,
                                        signalbox_text value) noexcept {
    of(context).take_header(name, value, of(context).request_.secret_headers);
}

void RequestCollector::take_header(signalbox_text name, signalbox_text value,
                                   std::vector<Header>& into) noexcept {
    shielded([&] {
        const auto field = read(name, "a header's name");
        const auto content = read(value, "a header's value");
        if (!field || !content) return;
        if (request_.headers.size() + request_.secret_headers.size() ==
            limits::plugin_headers_max) {
            return breach("more than " + std::to_string(limits::plugin_headers_max) + " headers");
        }
        if (field->size() > limits::plugin_header_bytes_max ||
            content->size() > limits::plugin_header_bytes_max - field->size()) {
            return breach("a header is longer than " +
                          std::to_string(limits::plugin_header_bytes_max) + " bytes");
        }
        if (auto fault = header_fault(*field, *content); !fault.empty()) {
            return breach(std::move(fault));
        }
        into.emplace_back(*field, *content);
    });
}

void RequestCollector::on_body(void* context, signalbox_text body) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto text = self.read(body, "the body");
        if (!text || !self.once(self.body_said_, "the body")) return;
        if (text->size() > limits::payload_bytes_max) {
            return self.breach("the body has " + std::to_string(text->size()) + " bytes; at most " +
                               std::to_string(limits::payload_bytes_max) + " are accepted");
        }
        self.request_.body.emplace(*text);
    });
}

void RequestCollector::on_safe(void* context, std::int32_t safe) noexcept {
    of(context).request_.safe = safe != 0;
}

void RequestCollector::on_done(void* context) noexcept {
    of(context).request_.done = true;
}

}  // namespace signalbox::plugins
