#include "standin.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace standin_test {
namespace {

pid_t start(const std::vector<std::string>& arguments, const Headers& environment, int output,
            int kept_stream) {
    std::vector<std::string> all{std::string(SIGNALBOX_BIN_DIR) + "/azure-standin"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> words;
    for (std::string& word : all)
        words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(output, kept_stream);
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        ::execv(words[0], words.data());
        ::_exit(127);
    }
    return child;
}

int exit_code(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Folder::Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "standin-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
}

std::string read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

Standin::Standin(const std::vector<std::string>& arguments, const Headers& environment) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    child_ = start(arguments, environment, ends[1], STDOUT_FILENO);
    ::close(ends[1]);
    output_ = ends[0];
    REQUIRE(child_ > 0);
    const std::optional<std::string> first = next_line();
    REQUIRE(first.has_value());
    REQUIRE(first->rfind("http://127.0.0.1:", 0) == 0);
    url_ = *first;
}

Standin::~Standin() {
    if (child_ > 0) {
        ::kill(child_, SIGKILL);
        exit_code(child_);
    }
    ::close(output_);
}

int Standin::stop() {
    ::kill(child_, SIGTERM);
    const int code = exit_code(child_);
    child_ = -1;
    return code;
}

std::optional<std::string> Standin::next_line() {
    while (true) {
        const std::size_t end = unread_.find('\n');
        if (end != std::string::npos) {
            std::string line = unread_.substr(0, end);
            unread_.erase(0, end + 1);
            return line;
        }
        char buffer[4096];
        const ssize_t count = ::read(output_, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        unread_.append(buffer, static_cast<std::size_t>(count));
    }
}

std::optional<std::string> Standin::wait_for_line(const std::string& text) {
    while (std::optional<std::string> line = next_line()) {
        if (line->find(text) != std::string::npos) return line;
    }
    return std::nullopt;
}

Answer Standin::request(const std::string& method, const std::string& target,
                        const std::string& body, const Headers& headers) const {
    Poco::Net::HTTPClientSession session{Poco::Net::SocketAddress(host_and_port())};
    Poco::Net::HTTPRequest request(method, target, "HTTP/1.1");
    for (const auto& [name, value] : headers)
        request.set(name, value);
    if (!body.empty() || method == "POST") {
        request.setContentLength(static_cast<std::streamsize>(body.size()));
    }
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    Answer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
    answer.status = response.getStatus();
    answer.retry_after = response.get("Retry-After", "");
    return answer;
}

Answer Standin::deliver(const std::string& body, const Headers& headers) const {
    return request("POST",
                   "/contoso/_apis/public/distributedtask/webhooks/hook?api-version=6.0-preview",
                   body, headers);
}

Poco::JSON::Array::Ptr Standin::get_array(const std::string& target) const {
    const Answer answer = get(target);
    REQUIRE(answer.status == 200);
    return Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Array::Ptr>();
}

std::string Standin::raw(const std::string& bytes, bool then_close_writing) const {
    Poco::Net::StreamSocket socket{Poco::Net::SocketAddress(host_and_port())};
    socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    if (then_close_writing) socket.shutdownSend();
    std::string answer;
    char buffer[4096];
    try {
        for (int count = 0; (count = socket.receiveBytes(buffer, sizeof buffer)) > 0;) {
            answer.append(buffer, static_cast<std::size_t>(count));
        }
    } catch (const Poco::Exception&) {
        return {};
    }
    return answer;
}

Refusal run_refused(const std::vector<std::string>& arguments) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = start(arguments, {}, ends[1], STDERR_FILENO);
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    return {exit_code(child), text};
}

std::string sha1_signature(const std::string& secret, const std::string& body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int bytes = 0;
    ::HMAC(::EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &bytes);
    std::string hex;
    for (unsigned int i = 0; i < bytes; ++i) {
        constexpr const char* digits = "0123456789abcdef";
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

}  // namespace standin_test
