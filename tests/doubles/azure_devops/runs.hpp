#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "console.hpp"
#include "pipeline.hpp"
#include "stop_signal.hpp"
#include "variables.hpp"

namespace azure_standin {

/// The agents: runs pipelines, four at a time, with a queue of 64. All methods are thread-safe.
class Runs {
  public:
    /// `collection_url` is what pipelines see as System.CollectionUri; `secrets` are masked in
    /// everything steps write.
    Runs(Console& console, const StopSignal& stop, std::set<std::string> secrets);
    /// Waits for the running steps, so `stop` must have been raised.
    ~Runs();
    Runs(const Runs&) = delete;
    Runs& operator=(const Runs&) = delete;

    /// Must be called before the first run.
    void set_collection_url(std::string url) { collection_url_ = std::move(url); }

    /// Queues a run, or says on the console that the queue is full.
    void queue(RunPlan plan);

    /// Runs it in the caller's thread, to its end.
    void run_now(RunPlan plan);

    /// The newest 1,000 runs as a JSON array, and one as an object, with Azure's words for states
    /// (notStarted, inProgress, completed) and results.
    std::string as_json() const;
    std::optional<std::string> as_json(unsigned id) const;

  private:
    struct Record {
        std::string pipeline;
        std::string webhook;
        std::string state = "notStarted";
        std::string result;
    };
    struct Job {
        unsigned id;
        RunPlan plan;
    };

    static std::string to_json(unsigned id, const Record& record);
    unsigned add_record(const RunPlan& plan);
    void update(unsigned id, const std::string& state, const std::string& result);
    void work();
    void execute(const Job& job);
    std::string run_steps(const Job& job);
    bool run_step(const Job& job, std::size_t index, const std::string& folder,
                  Variables& variables);
    Variables variables_of(const Job& job) const;

    Console& console_;
    const StopSignal& stop_;
    std::set<std::string> secrets_;
    std::string collection_url_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    unsigned last_id_ = 0;
    std::map<unsigned, Record> records_;
    std::deque<Job> jobs_;
    std::vector<std::thread> workers_;
};

}  // namespace azure_standin
