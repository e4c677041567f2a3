#include "ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "json_text.hpp"
#include "payload.hpp"

namespace azure_standin {
namespace {

constexpr std::size_t kMemoryBytesMax = 64UL * 1024 * 1024;

std::string run_id_in(const std::string& body) {
    const std::optional<Payload> payload = Payload::parse(body);
    if (!payload) return "null";
    for (const char* place : {"port_context.runId", "context.runId", "run.id"}) {
        const Payload::Found found = payload->find(*parse_payload_path(place));
        if (found.kind == Payload::Kind::scalar && !found.text.empty()) {
            return json_string(found.text);
        }
    }
    return "null";
}

std::string delivery_id_in(const Request& request) {
    for (const char* name : {"webhook-id", "x-delivery-id"}) {
        if (const std::string* value = request.header(name)) return json_string(*value);
    }
    return "null";
}

std::string entry(const Request& request) {
    std::string headers;
    for (const Header& header : request.headers) {
        if (!headers.empty()) headers += ',';
        headers += json_string(header.first) + ':' + json_string(header.second);
    }
    return "{\"id\":" + run_id_in(request.body) + ",\"delivery\":" + delivery_id_in(request) +
           ",\"body_base64\":\"" + base64(request.body) + "\",\"headers\":{" + headers + "}}";
}

}  // namespace

Ledger::Ledger(const std::optional<std::string>& file) {
    if (!file) return;
    descriptor_ = ::open(file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
        throw std::runtime_error("--received " + *file +
                                 " cannot be opened: " + std::strerror(errno));
    }
}

Ledger::~Ledger() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Ledger::add(const Request& request) {
    std::string line = entry(request);
    const std::lock_guard lock(mutex_);
    if (descriptor_ >= 0) {
        // A single write, so that a reader never sees half a line and a kill leaves none.
        const std::string bytes = line + '\n';
        if (::write(descriptor_, bytes.data(), bytes.size()) !=
            static_cast<ssize_t>(bytes.size())) {
            throw std::runtime_error(std::string("the file of received deliveries: ") +
                                     std::strerror(errno));
        }
    }
    bytes_ += line.size();
    lines_.push_back(std::move(line));
    while (bytes_ > kMemoryBytesMax && lines_.size() > 1) {
        bytes_ -= lines_.front().size();
        lines_.pop_front();
    }
}

std::string Ledger::as_json() const {
    const std::lock_guard lock(mutex_);
    std::string json = "[";
    for (const std::string& line : lines_) {
        if (json.size() > 1) json += ',';
        json += line;
    }
    return json + "]";
}

}  // namespace azure_standin
