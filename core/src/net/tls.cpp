#include "net/tls.hpp"

#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "net/tls_context.hpp"

namespace signalbox::net {
namespace {

std::vector<std::string> files_of(const dispatch::TlsSettings& settings) {
    std::vector<std::string> files;
    for (const std::string* file :
         {&settings.ca_file, &settings.certificate_file, &settings.key_file}) {
        if (!file->empty()) files.push_back(*file);
    }
    return files;
}

}  // namespace

Tls::Tls(Background& background, const Clock& clock, LogSink* log,
         const dispatch::TlsSettings& settings, const std::string& more_authorities_file)
    : context_(background, clock, log, files_of(settings), [settings, more_authorities_file] {
          return make_client_context(settings, more_authorities_file);
      }) {}

Poco::Net::Session::Ptr Tls::session(const std::string& origin) const {
    // A session carries on what an earlier certificate or authority had settled.
    if (sessions_version_ != context_.version()) return {};
    const auto found = sessions_.find(origin);
    return found == sessions_.end() ? Poco::Net::Session::Ptr() : found->second;
}

void Tls::keep_session(const std::string& origin, Poco::Net::Session::Ptr session) {
    if (std::exchange(sessions_version_, context_.version()) != context_.version() ||
        sessions_.size() >= limits::tls_sessions_max) {
        sessions_.clear();
    }
    sessions_[origin] = std::move(session);
}

}  // namespace signalbox::net
