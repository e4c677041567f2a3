#pragma once

#include <Poco/JSON/Object.h>

#include <iosfwd>

#include "app/context.hpp"
#include "app/options.hpp"

/// `signalbox runs approve` and `runs decline`, and what the other commands show of approvals.
namespace signalbox::app {

int run_runs_approve(const Options& options, const Tools& tools);
int run_runs_decline(const Options& options, const Tools& tools);

/// Who has to approve the run, by when, and each decision; nothing for a run that needs none.
void print_approval(std::ostream& out, const Poco::JSON::Object::Ptr& run);

/// `?run_as=EMAIL` of `--run-as`, or empty.
std::string identity_query(const Options& options);

}  // namespace signalbox::app
