#pragma once

#include <Poco/JSON/Array.h>
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace standin_test {

using Headers = std::map<std::string, std::string>;

struct Answer {
    int status = 0;
    std::string body;
    std::string retry_after;
};

/// A folder of one test, gone with it.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& content) const;
    std::string path(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

std::string read_file(const std::string& path);

/// The program on a free port, as a child that does not outlive the test.
class Standin {
  public:
    explicit Standin(const std::vector<std::string>& arguments, const Headers& environment = {});
    ~Standin();
    Standin(const Standin&) = delete;
    Standin& operator=(const Standin&) = delete;

    const std::string& url() const { return url_; }
    std::string host_and_port() const { return url_.substr(7); }

    Answer request(const std::string& method, const std::string& target, const std::string& body,
                   const Headers& headers) const;
    /// A delivery to the webhook `hook` of organization contoso.
    Answer deliver(const std::string& body, const Headers& headers = {}) const;
    Answer get(const std::string& target) const { return request("GET", target, "", {}); }
    Poco::JSON::Array::Ptr get_array(const std::string& target) const;

    /// Sends bytes as they are, then reads to the end of the connection. Empty when it was reset.
    std::string raw(const std::string& bytes, bool then_close_writing = false) const;

    /// Reads output until a line holds `text`, and returns that line; nothing when the output ends.
    std::optional<std::string> wait_for_line(const std::string& text);

    /// Asks it to end; the exit code, or -1 when a signal ended it.
    int stop();

  private:
    std::optional<std::string> next_line();

    pid_t child_ = -1;
    int output_ = -1;
    std::string unread_;
    std::string url_;
};

/// Runs it with arguments it should refuse: exit code and what it wrote on standard error.
struct Refusal {
    int code;
    std::string text;
};
Refusal run_refused(const std::vector<std::string>& arguments);

/// HMAC-SHA1 in lower-case hexadecimal.
std::string sha1_signature(const std::string& secret, const std::string& body);

}  // namespace standin_test
