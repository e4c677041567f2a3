#include "faults.hpp"

#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>

#include <stdexcept>

namespace azure_standin {
namespace {

unsigned parse_number(const std::string& part, const std::string& digits) {
    unsigned number = 0;
    if (!Poco::NumberParser::tryParseUnsigned(digits, number) || number == 0) {
        throw std::invalid_argument("'" + part + "' needs a number from 1 after '='");
    }
    return number;
}

}  // namespace

Fault parse_fault(const std::string& text) {
    Fault fault;
    bool kind_named = false;
    for (const std::string& part : Poco::StringTokenizer(text, ",")) {
        const std::size_t equals = part.find('=');
        const std::string name = part.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
        if (name == "times") {
            fault.times = parse_number(part, value);
        } else if (name == "retry-after" && !value.empty()) {
            fault.retry_after = value;
        } else if (name == "status") {
            const unsigned status = parse_number(part, value);
            if (status < 200 || status > 599) {
                throw std::invalid_argument("'" + part + "': a status from 200 to 599 is accepted");
            }
            fault.status = static_cast<int>(status);
            kind_named = true;
        } else if (part == "hang-after-body" || part == "reset-after-body") {
            fault.kind = part == "hang-after-body" ? Fault::Kind::hang_after_body
                                                   : Fault::Kind::reset_after_body;
            kind_named = true;
        } else {
            throw std::invalid_argument("'" + part +
                                        "' is no fault; accepted: status=N, retry-after=V, "
                                        "hang-after-body, reset-after-body, times=N");
        }
    }
    if (!kind_named) {
        throw std::invalid_argument("'" + text +
                                    "' names no fault; give status=N, hang-after-body or "
                                    "reset-after-body");
    }
    return fault;
}

std::optional<Fault> Faults::next() {
    const std::lock_guard lock(mutex_);
    for (Fault& fault : faults_) {
        if (fault.times && *fault.times == 0) continue;
        if (fault.times) --*fault.times;
        return fault;
    }
    return std::nullopt;
}

}  // namespace azure_standin
