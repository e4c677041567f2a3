#pragma once

#include <string>

#include "dispatch/transport.hpp"
#include "net/fresh_context.hpp"
#include "net/server.hpp"

/// The rules under which we speak TLS: 1.2 and up, forward secrecy preferred, certificates verified
/// strictly. Each reads files and is slow; the problem names the file and never shows what is in it.
namespace signalbox::net {

/// As a client. `settings.ca_file` takes the place of the system's authorities; without it, those of
/// `more_authorities_file` (which may be empty) are trusted beside the system's.
FreshContext::Made make_client_context(const dispatch::TlsSettings& settings,
                                       const std::string& more_authorities_file);

/// As a server.
FreshContext::Made make_server_context(const ServerTls& files);

}  // namespace signalbox::net
