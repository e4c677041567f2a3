#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"
#include "net/background.hpp"
#include "signalbox/clock.hpp"

namespace signalbox::net {

/// Names to addresses, looked up in the background because getaddrinfo blocks and cannot be
/// interrupted. Answers are kept for limits::dns_cache_ms; failures are not kept. [loop thread] but
/// for the lookup.
class Resolver {
  public:
    struct Answer {
        std::vector<Address> addresses;  ///< port 0; empty: there is a problem
        std::string problem;
    };
    using Lookup = std::function<Answer(const std::string& host)>;  ///< [background threads]
    using Done = std::function<void(const Answer&)>;

    /// getaddrinfo.
    static Answer look_up_in_system(const std::string& host);

    /// `background` and `clock` must outlive it.
    Resolver(Background& background, const Clock& clock, Lookup lookup = look_up_in_system);
    ~Resolver();

    /// The kept answer, valid until the next call; null where there is none.
    const Answer* cached(const std::string& host);
    /// `done` runs later, on the background's executor; not at all once the resolver is gone.
    /// Requests for one name share one lookup. There is no deadline: the caller has one.
    void resolve(const std::string& host, Done done);

  private:
    struct Table;  // waiters and cache
    Background& background_;
    const Clock& clock_;
    const Lookup lookup_;
    std::shared_ptr<Table> table_;
};

}  // namespace signalbox::net
