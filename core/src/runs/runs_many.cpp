#include <algorithm>
#include <memory>
#include <utility>

#include "runs/runs.hpp"

namespace signalbox::runs {
namespace {

/// The runs of one call, each told on its own; the last one answers for all.
struct Gathering {
    ManyDone done;
    std::size_t missing = 0;
    ManyDoneFunction tell;
};

}  // namespace

HandDecision Runs::redelivery() const {
    // Decided on the writer's thread, so it takes what it asks about along.
    return [connections = engine_.connections(),
            now_ms = clock_.wall_ms()](const journal::Run& run) -> Result<journal::Change> {
        if (std::count(connections.begin(), connections.end(), run.seed.connection) == 0) {
            return Error{"not_redeliverable", "the connection '" + run.seed.connection +
                                                  "' of run " + run.seed.id +
                                                  " is not in the config any more"};
        }
        return runs::redeliver(run, now_ms);
    };
}

HandDecision Runs::cancelling() const {
    return [now_ms = clock_.wall_ms()](const journal::Run& run) {
        return runs::cancel(run, now_ms);
    };
}

void Runs::change_many(Hand hand, ManyRequest request, ManyDoneFunction done) {
    HandDecision decision =
        still_matching(request.filter, hand == Hand::redeliver ? redelivery() : cancelling());
    journal_.list(std::move(request.filter),
                  [this, hand, dry_run = request.dry_run, decision = std::move(decision),
                   done = std::move(done)](Result<journal::RunPage> page) {
                      if (!page) return done(std::move(page).error());
                      if (dry_run || page->runs.empty()) {
                          ManyDone tried = try_out(*page, decision);
                          tried.dry_run = dry_run;
                          return done(std::move(tried));
                      }
                      change_page(hand, *page, decision, done);
                  });
}

void Runs::change_page(Hand hand, const journal::RunPage& page, const HandDecision& decision,
                       ManyDoneFunction done) {
    auto gathering = std::make_shared<Gathering>();
    gathering->done.next = page.next;
    gathering->missing = page.runs.size();
    gathering->tell = std::move(done);
    for (std::size_t i = 0; i < page.runs.size(); ++i) {
        const journal::Run& found = page.runs[i];
        gathering->done.runs.push_back({found.seed.id, found.seed.action, found.state.phase, {}});
    }
    for (std::size_t i = 0; i < page.runs.size(); ++i) {
        auto seen = std::make_shared<journal::Phase>(page.runs[i].state.phase);
        decide(
            page.runs[i].seed.id,
            [decision, seen](const journal::Run& run) {
                *seen = run.state.phase;
                return decision(run);
            },
            [this, hand, gathering, i, seen](Result<journal::Run> run) {
                Handled& handled = gathering->done.runs[i];
                handled.phase = *seen;
                if (!run) {
                    handled.refused = std::move(run).error();
                } else {
                    handled.phase = run->state.phase;
                    if (hand == Hand::redeliver)
                        engine_.due(*run);
                }
                if (--gathering->missing == 0) gathering->tell(std::move(gathering->done));
            });
    }
}

}  // namespace signalbox::runs
