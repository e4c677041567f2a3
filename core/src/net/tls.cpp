#include "net/tls.hpp"

#include <Poco/Exception.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>
#include <vector>

namespace signalbox::net {
namespace {

using Poco::Net::Context;

constexpr std::size_t kSessionsMax = 1'024;

thread_local const char* verify_problem = nullptr;

/// Takes the place of Poco's callback, which asks a process-wide SSLManager what to do.
int remember_problem(int good, X509_STORE_CTX* store) {
    if (good == 0) verify_problem = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
    return good;
}

struct Made {
    Context::Ptr context;
    std::string problem;
};

Made make_context(const std::string& ca_file) {
    Context::Params rules;
    rules.verificationMode = Context::VERIFY_STRICT;
    rules.loadDefaultCAs = true;
    rules.caLocation = ca_file;
    rules.cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20:HIGH:!aNULL:!eNULL:!MD5:!3DES:!PSK:!SRP";
    Made made;
    try {
        made.context = new Context(Context::TLS_CLIENT_USE, rules);
        made.context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    } catch (const Poco::Exception& problem) {
        ERR_clear_error();
        return {nullptr, "TLS cannot be set up: " + problem.displayText() + "."};
    }
    SSL_CTX* raw = made.context->sslContext();
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, remember_problem);
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // The end of an HTTP message is in its framing, so close_notify says nothing; and writing one
    // to a peer that is gone would raise SIGPIPE in whichever thread destroys the client.
    SSL_CTX_set_quiet_shutdown(raw, 1);
    return made;
}

}  // namespace

struct Tls::State {
    bool asked = false;
    bool ready = false;
    Made made;
    std::vector<std::function<void()>> waiting;

    void decide(Made result) {
        made = std::move(result);
        ready = true;
        const auto waiters = std::exchange(waiting, {});
        for (const auto& then : waiters)
            then();
    }
};

Tls::Tls(Background& background, std::string ca_file)
    : background_(background), ca_file_(std::move(ca_file)), state_(std::make_shared<State>()) {}
Tls::~Tls() = default;

void Tls::prepare() {
    if (std::exchange(state_->asked, true)) return;
    background_.run([ca_file = ca_file_, state = std::weak_ptr<State>(state_)]() -> Task {
        return [state, made = make_context(ca_file)] {
            if (const auto alive = state.lock()) alive->decide(made);
        };
    });
}

bool Tls::ready() const {
    return state_->ready;
}

void Tls::when_ready(std::function<void()> then) {
    state_->waiting.push_back(std::move(then));
}

Context::Ptr Tls::context() const {
    return state_->made.context;
}

const std::string& Tls::problem() const {
    return state_->made.problem;
}

Poco::Net::Session::Ptr Tls::session(const std::string& origin) const {
    const auto found = sessions_.find(origin);
    return found == sessions_.end() ? Poco::Net::Session::Ptr() : found->second;
}

void Tls::keep_session(const std::string& origin, Poco::Net::Session::Ptr session) {
    if (sessions_.size() >= kSessionsMax) sessions_.clear();
    sessions_[origin] = std::move(session);
}

std::string Tls::take_verify_problem() {
    const char* problem = std::exchange(verify_problem, nullptr);
    return problem == nullptr ? std::string() : problem;
}

}  // namespace signalbox::net
