#pragma once

#include <list>
#include <memory>
#include <string>

#include "net/buffers.hpp"
#include "net/fresh_context.hpp"
#include "net/head_parse.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/round_end.hpp"
#include "net/server.hpp"

namespace signalbox::net {

class Connection;

/// What a connection needs of its server. [loop thread]
class ServerCore {
  public:
    ServerCore(Loop& the_loop, Handler& the_handler, ServerOptions the_options)
        : loop(the_loop),
          handler(the_handler),
          options(std::move(the_options)),
          answered(the_loop) {}
    virtual ~ServerCore() = default;

    /// The connection has closed its socket and may be dropped.
    virtual void closed(Connection& connection) = 0;
    /// The connection waits for a request, and for nothing else.
    virtual void became_idle() = 0;
    /// HTTP's date for now, made once a second.
    virtual std::string_view date() = 0;

    Loop& loop;
    Handler& handler;
    const ServerOptions options;
    bool stopping = false;
    Buffers buffers;
    RoundEnd<Connection> answered;  // connections with replies to write
    std::unique_ptr<FreshContext> tls;  // null: plain HTTP
    std::size_t bodies_bytes = 0;  // of the bodies that are not whole yet
    std::size_t strangers_bodies_bytes = 0;  // of those, theirs of whom nobody knows who they are
    ParsedHead parsed;  // scratch, valid while one head is judged
    /// Every connection is in one of the two; the front of `idle` has waited longest.
    std::list<Connection*> idle;
    std::list<Connection*> busy;
};

}  // namespace signalbox::net
