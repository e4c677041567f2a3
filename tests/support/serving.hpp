#pragma once

#include <memory>
#include <string>

#include "support/child.hpp"
#include "support/http_call.hpp"
#include "support/world.hpp"

namespace signalbox::test {

/// A `signalbox serve` on a config that the test writes, without clients: everybody may do everything.
class Serving {
  public:
    Serving();

    Folder& folder() { return folder_; }
    /// signalbox.yaml, after `listen` and `journal`; actions are in actions/.
    void configure(const std::string& text);
    void action(const std::string& name, const std::string& invocation_method);

    /// Starts it; throws what it says where it does not start.
    void start(std::map<std::string, std::string> environment = {});
    /// Ends it by SIGTERM; its exit code.
    int stop();
    /// What it says, standard error included, where it is expected not to start.
    Ran refuse(std::map<std::string, std::string> environment = {});

    Called invoke(const std::string& action, const std::string& properties = "{}");
    Called get(const std::string& path) { return call(url_, "GET", path); }
    /// The run, once it is in one of these phases; bounded by 30 s.
    Called await(const std::string& run_id, const std::vector<std::string>& phases);
    const std::string& url() const { return url_; }
    std::string log() const { return folder_.read("serve.log"); }
    /// Waits for it to end by itself: as Child::wait().
    int wait() { return child_->wait(); }
    void signal(int number) { child_->signal(number); }

  private:
    Folder folder_;
    std::string url_;
    std::unique_ptr<Child> child_;
};

}  // namespace signalbox::test
