#pragma once

#include "journal/journal.hpp"
#include "net/http.hpp"
#include "runs/catalog.hpp"
#include "runs/permissions.hpp"
#include "signalbox/result.hpp"

namespace signalbox::api {

/// The query of `GET /v1/actions/runs`: ours (action, status, phase, limit, cursor) and Port's (entity,
/// blueprint, active, user_email, external_run_id, source, version, limit). Only runs that the caller may
/// see. Error `invalid_query`.
Result<journal::RunFilter> run_filter(const net::Request& request, const runs::Catalog& catalog,
                                      const runs::Permissions& permissions,
                                      const runs::Principal& who);

/// Only runs of these actions, of those that the filter lets through.
void keep_actions(journal::RunFilter& filter, std::vector<std::string> actions);

}  // namespace signalbox::api
