#include "plugins/http_text.hpp"

#include "support.hpp"

using namespace signalbox::plugins;

TEST_CASE("plugins: URLs that may be sent to", "[plugins]") {
    const char* url = GENERATE("https://dev.azure.com/contoso/_apis/x?api-version=6.0-preview",
                               "http://127.0.0.1:8080", "https://host.example",
                               "https://host.example?q=1", "http://[::1]:80/", "http://[::1]",
                               "https://h/a%20b/~(c)!*';,$&+=:@", "http://h:1/", "http://h:65535/");
    CAPTURE(url);
    CHECK(url_fault(url).empty());
}

TEST_CASE("plugins: URLs that may not be sent to", "[plugins]") {
    const std::string url = GENERATE(
        as<std::string>(), "", "dev.azure.com", "/path", "ftp://h/", "HTTP://h/",
        "file:///etc/passwd", "https://", "https:///x", "https://user@h/", "https://user:pw@h/",
        "https://h/#part", "https://h#part", "https://h:0/", "https://h:65536/", "https://h:/",
        "https://h:8a/", "https://h:000080/", "https://[::1/", "https://[::1]x/", "https://[]/",
        "https://[g]/", "https://h/a b", "https://h/a\tb", "https://h/a\r\nHost: x",
        "https://h/\x7F", "https://h/\xC3\xA9", "https://h/%", "https://h/%2", "https://h/%zz",
        "https://h\\x/", "https://h/a\"b", "https://h/<x>", "https://h/{x}", "https://ex ample/",
        "https://h%41/", "https://h/a\\b");
    CAPTURE(url);
    CHECK_FALSE(url_fault(url).empty());
    CHECK_FALSE(url_fault(std::string("https://h/a\0b", 13)).empty());
}

TEST_CASE("plugins: headers that may be sent", "[plugins]") {
    CHECK(header_fault("Content-Type", "application/json").empty());
    CHECK(header_fault("X_odd!#$%&'*+.^`|~", "tab\there \xC3\xA9").empty());
    CHECK(header_fault("X", "").empty());
}

TEST_CASE("plugins: headers that may not be sent", "[plugins]") {
    for (const char* name : {"", "A B", "A:", "A\r\nB", "\xC3\xA9", "(x)", "Host", "hOST",
                             "content-length", "Transfer-Encoding", "Connection", "Expect"}) {
        CAPTURE(name);
        CHECK_FALSE(header_fault(name, "x").empty());
    }
    for (const char* value : {"a\r\nb", "a\nb", "\x01", "\x7F"}) {
        CAPTURE(value);
        CHECK_FALSE(header_fault("X", value).empty());
    }
    CHECK_FALSE(header_fault("X", std::string_view("\0", 1)).empty());
    CHECK(header_fault("X", "secret\n").find("secret") == std::string::npos);
}

TEST_CASE("plugins: text for people keeps what is well-formed", "[plugins]") {
    const std::string text =
        "tab\t line\n caf\xC3\xA9 \xE2\x98\x95 \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF";
    CHECK(clean_text(text, 1000) == text);
}

TEST_CASE("plugins: text for people loses controls and broken characters", "[plugins]") {
    const std::string r = "\xEF\xBF\xBD";
    CHECK(clean_text("a\x1B[2Jb\x7F", 100) == "a" + r + "[2Jb" + r);
    CHECK(clean_text("\xC2\x9B", 100) == r);  // a C1 control
    CHECK(clean_text("\xC3", 100) == r);
    CHECK(clean_text("\xC3(", 100) == r + "(");
    CHECK(clean_text("\xC0\xAF", 100) == r + r);          // overlong
    CHECK(clean_text("\xE0\x80\xAF", 100) == r + r + r);  // overlong
    CHECK(clean_text("\xED\xA0\x80", 100) == r + r + r);  // a surrogate
    CHECK(clean_text("\xF4\x90\x80\x80", 100) == r + r + r + r);
    CHECK(clean_text("\xF0\x80\x80\x80", 100) == r + r + r + r);
    CHECK(clean_text("\xFF", 100) == r);
    CHECK(clean_text(std::string_view("\0", 1), 100) == r);
}

TEST_CASE("plugins: text for people is cut between characters", "[plugins]") {
    CHECK(clean_text("abcdef", 6) == "abcdef");
    CHECK(clean_text("abcdefg", 6) == "abc\xE2\x80\xA6");
    CHECK(clean_text("abc\xC3\xA9\xC3\xA9\xC3\xA9", 7) == "abc\xE2\x80\xA6");
    CHECK(clean_text("", 6).empty());
}
