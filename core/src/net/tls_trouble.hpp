#pragma once

#include <openssl/ssl.h>

#include <string>

/// Why handshakes fail, in words for people. OpenSSL tells it by callbacks in the middle of a call,
/// so it is kept for the thread until the call is over and its caller takes it.
namespace signalbox::net {

/// Makes the context remember what is wrong with a peer's certificate, and the alerts that are
/// exchanged. Takes the place of Poco's callback, which asks a process-wide SSLManager what to do.
/// `verify_mode` is OpenSSL's, SSL_VERIFY_PEER and so on.
void remember_trouble(SSL_CTX* context, int verify_mode);

/// Forgets what earlier calls on this thread left.
void forget_trouble();

/// What a failed handshake of ours failed of; `otherwise` where nothing better is known. Forgets it.
std::string take_trouble(const std::string& otherwise);

/// Did the peer, by an alert of the handshake, refuse our certificate or the lack of one?
bool peer_refused_us();

/// The names a certificate is for, as `a.example, *.b.example, 10.0.0.1`; long lists are cut.
std::string names_of(const X509* certificate);

}  // namespace signalbox::net
