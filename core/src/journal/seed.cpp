#include "journal/journal.hpp"

namespace signalbox::journal {

RunSeed without_bodies(const RunSeed& seed) {
    RunSeed small;
    small.id = seed.id;
    small.action = seed.action;
    small.connection = seed.connection;
    small.invocation_type = seed.invocation_type;
    small.client = seed.client;
    small.origin = seed.origin;
    small.created_ms = seed.created_ms;
    small.idempotency_key = seed.idempotency_key;
    small.idempotency_digest = seed.idempotency_digest;
    small.trace = seed.trace;
    small.order_key = seed.order_key;
    small.user = seed.user;
    small.entity_id = seed.entity_id;
    small.upstream_id = seed.upstream_id;
    small.upstream_reports = seed.upstream_reports;
    small.replay = seed.replay;
    return small;
}

}  // namespace signalbox::journal
