#include "unit/config/support.hpp"

using Catch::Matchers::Contains;
using config_test::read;

namespace {

struct Mistake {
    const char* text;
    const char* place;
    const char* message;
};

std::string connection(const std::string& members) {
    return "plugins: [azure-pipelines]\nconnections:\n  c: {plugin: azure-pipelines, " + members +
           "}\n";
}

void check(const std::string& text, const char* place, const char* message) {
    INFO(text);
    const auto result = read(text);
    for (const auto& problem : result.problems) {
        const std::string line = to_string(problem);
        if (line.find("f:" + std::string(place) + ": error: ") == 0 &&
            line.find(message) != std::string::npos) {
            SUCCEED();
            return;
        }
    }
    INFO(result.findings());
    FAIL("expected an error at " << place << " with: " << message);
}

}  // namespace

TEST_CASE("config: each mistake at the top is told at its place", "[config]") {
    const Mistake mistakes[] = {
        {"lisen: 127.0.0.1:1", "1:1", "did you mean `listen`?"},
        {"listen: 127.0.0.1:1\nlisten: 127.0.0.1:2", "2:1", "stands twice"},
        {"- listen", "1:1", "must be a mapping"},
        {"just text", "1:1", "must be a mapping"},
        {"tls: a.pem", "1:6", "`tls` must be a mapping"},
        {"tls: {}", "1:6", "`tls` needs `certificate` and `key`"},
        {"tls: {certificate: a}", "1:20", "`certificate` has no `key`"},
        {"tls: {key: b}", "1:12", "`key` has no `certificate`"},
        {"tls: {certificat: a, key: b}", "1:7", "did you mean `certificate`?"},
        {"tls: {certificate: a, key: b, client_certificates: optional}", "1:52",
         "no use without `client_ca`"},
        {"tls: {certificate: a, key: b, client_ca: c, client_certificates: never}", "1:66",
         "must be required or optional"},
        {"journal: x\nsource:\n  a: {}", "2:1", "did you mean `sources`?"},
        {"listen:", "1:8", "`listen` has no value"},
        {"listen: 8080", "1:9", "write 127.0.0.1:8080"},
        {"listen: :8080", "1:9", "the host is missing; write 127.0.0.1:8080"},
        {"listen: \"*:8080\"", "1:9", "0.0.0.0:8080"},
        {"listen: localhost", "1:9", "the port is missing"},
        {"listen: localhost:http", "1:9", "the port must be a number"},
        {"listen: localhost:65536", "1:9", "from 0 (any free one) to 65535"},
        {"listen: \"localhost:\"", "1:9", "the port must be a number"},
        {"listen: \"::1:8080\"", "1:9", "in brackets"},
        {"listen: \"[::1]\"", "1:9", "the port is missing"},
        {"listen: \"[::g]:1\"", "1:9", "IPv6"},
        {"listen: \"[127.0.0.1]:1\"", "1:9", "IPv6"},
        {"listen: 127.0.0.256:1", "1:9", "neither a name nor an address"},
        {"listen: 127.1:1", "1:9", "neither a name nor an address"},
        {"listen: a..b:1", "1:9", "neither a name nor an address"},
        {"listen: \"a b:1\"", "1:9", "neither a name nor an address"},
        {"listen: [::1]:0", "1:10", "quote the value"},
        {"listen: 0.0.0.0:80", "1:9", "add `clients`"},
        {"listen: \"[::]:80\"", "1:9", "add `clients`"},
        {"listen: \"[::ffff:127.0.0.1]:80\"", "1:9", "add `clients`"},
        {"listen: signalbox.example:80", "1:9", "add `clients`"},
        {"public_url: signalbox.example", "1:13", "http:// or https://"},
        {"public_url: ftp://x", "1:13", "http:// or https://"},
        {"public_url: https://x/path", "1:13", "remove the path"},
        {"public_url: https://x?q", "1:13", "remove the path"},
        {"public_url: \"https://x/#f\"", "1:13", "remove the path"},
        {"public_url: https://", "1:13", "a host"},
        {"public_url: https://:80", "1:13", "a host"},
        {"public_url: https://x:0", "1:13", "a port from 1 to 65535"},
        {"public_url: https://x:y", "1:13", "a port from 1 to 65535"},
        {"public_url: https://me@x", "1:13", "must not name a user"},
        {"journal: 5", "1:10", "must be a string"},
        {"journal: \"\"", "1:10", "an empty string"},
        {"journal: {directory: 5}", "1:22", "must be a string"},
        {"journal: {dir: x}", "1:11", "`dir` is unknown in `journal`"},
        {"journal: {commits: lgo}", "1:20", "did you mean `log`?"},
        {"journal: {commits: true}", "1:20", "`commits` must be file"},
        {"http: {connections: 0}", "1:21", "from 1 to 1000000"},
        {"http: {per_adress: 1}", "1:8", "did you mean `per_address`?"},
        {"http: {per_address: -1}", "1:21", "from 0 to"},
        {"http: yes", "1:7", "write true or false, or quote it"},
        {"actions: {a: b}", "1:10", "must be a string"},
        {"actions: [a, 1]", "1:14", "must be a string"},
        {"actions: actions/**/x", "1:10", "`**` is not accepted"},
        {"actions: &a x", "1:10", "anchors"},
        {"journal:\n\tdata", "2:1", "tab"},
    };
    for (const Mistake& mistake : mistakes)
        check(mistake.text, mistake.place, mistake.message);
}

TEST_CASE("config: each mistake in plugins and clients is told at its place", "[config]") {
    const Mistake mistakes[] = {
        {"plugins: acme", "1:10", "must be a list"},
        {"plugins: [1]", "1:11", "must be a string"},
        {"plugins: [./x.so]", "1:11", "write {file: ./x.so}"},
        {"plugins: [Acme_CI]", "1:11", "small letters"},
        {"plugins: [a, a]", "1:14", "`a` is listed twice"},
        {"plugins: [acme, {file: signalbox_acme.so}]", "1:17", "`acme` is listed twice"},
        {"plugins: [{path: x}]", "1:12", "`path` is unknown in a plugin; accepted: file, sha256"},
        {"plugins: [{sha256: x}]", "1:11", "a plugin has no `file`"},
        {"plugins: [{file: x, sha256: abc}]", "1:29", "64 hexadecimal digits"},
        {"plugins: [{file: [x]}]", "1:18", "must be a string"},
        {"clients: x", "1:10", "must be a list"},
        {"clients: []", "1:10", "`clients` is empty"},
        {"clients:", "1:9", "`clients` has no value"},
        {"clients: [x]", "1:11", "must be a mapping"},
        {"clients: [{secret: {env: S}, may: [view]}]", "1:11", "a client has no `id`"},
        {"clients: [{id: a b, secret: {env: S}, may: [view]}]", "1:16", "not a client's id"},
        {"clients: [{id: a, may: [view]}]", "1:11", "a client has no `secret`"},
        {"clients: [{id: a, secret: hunter2, may: [view]}]", "1:27",
         "write {env: NAME} or {file: PATH}"},
        {"clients: [{id: a, secret: {env: S}}]", "1:11", "a client has no `may`"},
        {"clients: [{id: a, secret: {env: S}, may: view}]", "1:42", "must be a list"},
        {"clients: [{id: a, secret: {env: S}, may: []}]", "1:42", "lists no right"},
        {"clients: [{id: a, secret: {env: S}, may: [veiw]}]", "1:43", "did you mean `view`?"},
        {"clients: [{id: a, secret: {env: S}, may: [view, view]}]", "1:49", "listed twice"},
        {"clients:\n- {id: a, secret: {env: S}, may: [view]}\n- {id: a, secret: {env: T}, may: "
         "[view]}",
         "3:8", "the first is on line 2"},
        {"clients: [{id: a, secret: {}, may: [view]}]", "1:27", "one key"},
        {"clients: [{id: a, secret: {env: S, file: f}, may: [view]}]", "1:27", "one key"},
        {"clients: [{id: a, secret: {env: \"S T\"}, may: [view]}]", "1:27",
         "no environment variable"},
        {"clients: [{id: a, secret: {env: 1}, may: [view]}]", "1:27", "no environment variable"},
        {"clients: [{id: a, secret: {file: \"\"}, may: [view]}]", "1:27", "names no file"},
        {"clients: [{id: a, secret: [x], may: [view]}]", "1:27", "is a list"},
        {"clients: [{id: a, secret: , may: [view]}]", "1:27", "has no value"},
    };
    for (const Mistake& mistake : mistakes)
        check(mistake.text, mistake.place, mistake.message);
}

TEST_CASE("config: each mistake in a connection is told at its place", "[config]") {
    const Mistake mistakes[] = {
        {"connections: [a]", "1:14", "must be a mapping"},
        {"connections: {a: x}", "1:18", "a connection must be a mapping"},
        {"connections: {a: {}}", "1:18", "a connection has no `plugin`"},
        {"connections: {a: {plugin: azure}}", "1:27", "`plugins` lists none; add azure"},
        {"plugins: [azure-pipelines]\nconnections: {a: {plugin: azure-pipeline}}", "2:27",
         "did you mean `azure-pipelines`?"},
        {"plugins: [p]\nconnections: {_a: {plugin: p}}", "2:15", "not a connection's name"},
        {"plugins: [p]\nconnections: {a b: {plugin: p}}", "2:15", "not a connection's name"},
        {"plugins: [p]\nconnections: {a: {plugin: p}, a: {plugin: p}}", "2:31", "stands twice"},
    };
    for (const Mistake& mistake : mistakes)
        check(mistake.text, mistake.place, mistake.message);

    const Mistake members[] = {
        {"setting: {}", "3:32", "did you mean `settings`?"},
        {"tls: {cert: a}", "3:38", "accepted"},
        {"tls: {certificate: a}", "3:51", "`certificate` has no `key`"},
        {"settings: [a]", "3:42", "`settings` must be a mapping"},
        {"on_unknown: holdd", "3:44", "did you mean `hold`?"},
        {"trace: off", "3:39", "write true or false"},
        {"trace: never", "3:39", "must be true or false, found `never`"},
        {"on_unknown: true", "3:44", "hold (a person decides) or resend"},
        {"signing: none", "3:41", "`signing` must be a mapping"},
        {"signing: {scheme: hmac-sha1-hax, key: {env: K}}", "3:50",
         "did you mean `hmac-sha1-hex`?"},
        {"signing: {scheme: md5, key: {env: K}}", "3:50", "accepted: none, hmac-sha1-hex"},
        {"signing: {scheme: hmac-sha1-hex}", "3:41", "`signing` has no `key`"},
        {"signing: {header: X-S}", "3:41", "`signing` has no `key`"},
        {"signing: {scheme: none, key: {env: K}}", "3:61", "`key` has no use"},
        {"signing: {scheme: none, previous_keys: [{env: K}]}", "3:71",
         "`previous_keys` has no use"},
        {"signing: {scheme: none, header: X-S}", "3:64", "`header` has no use"},
        {"signing: {key: hunter2}", "3:47", "secrets do not belong in this file"},
        {"signing: {key: {env: K}, header: \"X Y\"}", "3:65",
         "`header` is a text of 3 bytes that is not the name of an HTTP header"},
        {"signing: {key: {env: K}, header: Content-length}", "3:65", "has a meaning of its own"},
        {"signing: {key: {env: K}, previous_keys: {env: L}}", "3:72", "must be a list"},
        {"signing: {key: {env: K}, previous_keys: [hunter2]}", "3:73", "secrets do not belong"},
        {"signing: {kye: {env: K}}", "3:42", "did you mean `key`?"},
        {"limits: {in_flight: 0}", "3:52", "from 1 to 65536, found `0`"},
        {"limits: {in_flight: 65537}", "3:52", "from 1 to 65536"},
        {"limits: {in_flight: 1.5}", "3:52", "a whole number"},
        {"limits: {per_second: -1}", "3:53", "from 0 to 1000000"},
        {"limits: {per_second: fast}", "3:53", "must be a number"},
        {"limits: {timeout: 30}", "3:50", "add the unit"},
        {"limits: {timeout: 0s}", "3:50", "from 1ms to 1h"},
        {"limits: {timeout: 61m}", "3:50", "from 1ms to 1h"},
        {"limits: {timeout: soon}", "3:50", "one of ms, s, m, h, d"},
        {"retry: {attempts: 0}", "3:50", "from 1 to 100"},
        {"retry: {attempts: 101}", "3:50", "from 1 to 100"},
        {"retry: {first: 0ms}", "3:47", "from 1ms to 7d"},
        {"retry: {cap: 8d}", "3:45", "from 1ms to 7d"},
        {"retry: {factor: 0.5}", "3:48", "from 1 to 100"},
        {"retry: {jitter: 1.1}", "3:48", "from 0 to 1"},
        {"retry: {first: 2m, cap: 1m}", "3:56", "shorter than `first`"},
        {"retry: {first: 11m}", "3:47", "shorter than `first`"},
        {"egress: {}", "3:40", "`egress` has no `allow`"},
        {"egress: {allow: 10.0.0.0/8}", "3:48", "must be a list"},
        {"egress: {allow: [10.1.2.3/16]}", "3:49", "write 10.1.0.0/16"},
        {"egress: {allow: [10.0.0.0/33]}", "3:49", "from 0 to 32"},
        {"egress: {allow: [10.0.0.0/]}", "3:49", "the prefix must be a number"},
        {"egress: {allow: [10.0.0.1]}", "3:49", "write 10.0.0.1/32"},
        {"egress: {allow: [\"fd00::1/8\"]}", "3:49", "write fd00::/8"},
        {"egress: {allow: [\"fd00::/129\"]}", "3:49", "from 0 to 128"},
        {"egress: {allow: [example.com/8]}", "3:49", "not a network"},
        {"egress: {allow: [10.0.0/8]}", "3:49", "not a network"},
    };
    for (const Mistake& mistake : members)
        check(connection(mistake.text), mistake.place, mistake.message);
}

TEST_CASE("config: every problem of a file is reported in its order", "[config]") {
    const auto result = read(
        "lisen: x\nhttp: {connections: 0}\nconnections:\n  a: {plugin: b, limits: {in_flight: 0}}\n"
        "clients: [{id: a, secret: s, may: [x]}]\njournal: 5\n");
    std::vector<std::string> places;
    for (const auto& problem : result.problems)
        places.push_back(std::to_string(problem.position.line) + ":" +
                         std::to_string(problem.position.column));
    CHECK(places ==
          std::vector<std::string>{"1:1", "1:1", "2:21", "4:15", "4:38", "5:27", "5:36", "6:10"});
}

TEST_CASE("config: one mistake makes one message", "[config]") {
    CHECK(read("actions: a\njournal: yes\n").problems.size() == 2);
    CHECK(read("actions: a\nhttp: *x\n").problems.size() == 2);
    CHECK(read("actions: a\nlisten: \"unclosed\n").problems.size() == 1);
}

TEST_CASE("config: networks of both families are accepted", "[config]") {
    const auto result =
        read(connection("egress: {allow: [10.0.0.0/8, 0.0.0.0/0, 192.168.1.7/32, \"::/0\", "
                        "\"fd00::/8\", \"::1/128\", \"2001:db8:8000::/33\"]}"));
    CHECK_FALSE(has_errors(result.problems));
    CHECK(result.config.connections.at(0).egress_allow.size() == 7);
}
