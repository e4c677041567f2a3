#include "journal/journal.hpp"

namespace signalbox::journal {
namespace {

Error not_supported(const char* what) {
    return Error{"not_supported", std::string("this journal offers no ") + what};
}

}  // namespace

void Journal::told_upstream(UpstreamRun, std::function<void(Result<Done>)> done) {
    done(not_supported("reports upstream"));
}

void Journal::forget_upstream(Sequence, std::function<void(Result<Done>)> done) {
    done(not_supported("reports upstream"));
}

void Journal::upstream(Sequence, std::function<void(Result<std::vector<UpstreamRun>>)> done) {
    done(not_supported("reports upstream"));
}

void Journal::actions(std::string, std::function<void(Result<std::vector<std::string>>)> done) {
    done(not_supported("retention"));
}

void Journal::older_than_newest(std::string, std::size_t,
                                std::function<void(Result<Sequence>)> done) {
    done(not_supported("retention"));
}

void Journal::sweep(SweepStep, std::function<void(Result<Swept>)> done) {
    done(not_supported("retention"));
}

void Journal::backup(std::string, std::function<void(Result<Backup>)> done) {
    done(not_supported("backup"));
}

void Journal::keep_rejections(std::vector<Rejection>, std::function<void(Result<Done>)> done) {
    done(not_supported("list of rejected invocations"));
}

void Journal::rejections(std::int64_t, std::size_t, std::function<void(Result<RejectionPage>)> done) {
    done(not_supported("list of rejected invocations"));
}

}  // namespace signalbox::journal
