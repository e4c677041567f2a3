#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

/// The little of HTTP that the benches' own ends speak: whole messages with a Content-Length, on
/// loopback.
namespace bench {

[[noreturn]] inline void die(const std::string& why) {
    std::cerr << why << '\n';
    std::exit(1);
}

/// CLOCK_MONOTONIC, which all processes of the machine share.
inline std::int64_t now_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

/// CPU that this process has used.
inline std::int64_t cpu_us() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1'000'000 + used.tv_nsec / 1'000;
}

/// What is in a file, or the end of the program.
inline std::string content(const char* file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) die("cannot read " + std::string(file));
    return text.str();
}

/// A whole number, or the end of the program.
inline std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
        die("'" + std::string(text) + "' is not a number");
    }
    return value;
}

inline sockaddr_in loopback(std::int64_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void without_delay(int descriptor) {
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct Message {
    std::string_view head;  ///< with its empty line
    std::string_view body;
    std::size_t bytes() const { return head.size() + body.size(); }
};

/// The value of a field, by its name with a colon; the case of its first letters may differ.
inline std::string_view field(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        if (line.size() <= name.size()) continue;
        bool same = true;
        for (std::size_t i = 0; i < name.size() && same; ++i)
            same = (line[i] | 0x20) == (name[i] | 0x20);
        if (!same) continue;
        const std::size_t begin = line.find_first_not_of(' ', name.size());
        return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
    }
    return {};
}

/// The first whole message in `bytes`; none: more has to be read.
inline std::optional<Message> first_message(std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    Message message;
    message.head = bytes.substr(0, end + 4);
    const std::string_view length = field(message.head, "content-length:");
    const auto body_bytes = static_cast<std::size_t>(length.empty() ? 0 : number(length));
    if (bytes.size() - message.head.size() < body_bytes) return std::nullopt;
    message.body = bytes.substr(message.head.size(), body_bytes);
    return message;
}

/// The run's id that follows `mark` in a text; empty: there is none.
inline std::string_view id_after(std::string_view text, std::string_view mark) {
    constexpr std::size_t id_bytes = 28;
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos || text.size() < at + mark.size() + id_bytes) return {};
    const std::string_view id = text.substr(at + mark.size(), id_bytes);
    return id.substr(0, 2) == "r_" ? id : std::string_view();
}

}  // namespace bench
