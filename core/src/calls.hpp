#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/executor.hpp"
#include "signalbox/result.hpp"

/// How a host's threads ask the loop, and get an answer whatever happens to the loop meanwhile.
namespace signalbox {

inline Error not_running() {
    return {"not_running", "this dispatcher does not run; call start() first, and nothing after stop()"};
}

/// One question's answer. Where every copy of a Giver is gone without an answer, because the loop was
/// stopped and dropped its tasks, the answer is `not_running`.
template <class T>
class Answer {
  public:
    class Giver {
      public:
        explicit Giver(std::shared_ptr<Answer> answer) : last_(std::make_shared<Last>(std::move(answer))) {}
        void operator()(Result<T> result) const { last_->answer->give(std::move(result)); }

      private:
        struct Last {
            explicit Last(std::shared_ptr<Answer> answer_) : answer(std::move(answer_)) {}
            ~Last() { answer->give(not_running()); }
            std::shared_ptr<Answer> answer;
        };
        std::shared_ptr<Last> last_;
    };

    /// The first one counts.
    void give(Result<T> result) {
        const std::lock_guard lock(mutex_);
        if (result_) return;
        result_.emplace(std::move(result));
        given_.notify_all();
    }
    Result<T> wait() {
        std::unique_lock lock(mutex_);
        given_.wait(lock, [this] { return result_.has_value(); });
        return std::move(*result_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable given_;
    std::optional<Result<T>> result_;
};

/// The way to a loop that is there for a while only. Any thread.
class Gate {
  public:
    void open(Executor& loop, std::thread::id thread) {
        const std::lock_guard lock(mutex_);
        loop_ = &loop;
        thread_ = thread;
    }
    void shut() {
        const std::lock_guard lock(mutex_);
        loop_ = nullptr;
    }
    /// Done, or why the loop cannot be asked.
    Result<Done> post(Task task) {
        const std::lock_guard lock(mutex_);
        if (!loop_) return not_running();
        loop_->post(std::move(task));
        return Done{};
    }
    /// `start` is called on the loop with a function that takes the answer.
    template <class T, class Start>
    Result<T> ask(Start start) {
        {
            const std::lock_guard lock(mutex_);
            if (!loop_) return not_running();
            if (thread_ == std::this_thread::get_id()) {
                return Error{"wrong_thread",
                             "called from inside a seam or a target, which run on the dispatcher's own "
                             "thread: it would wait for itself. Call it from a thread of the host"};
            }
        }
        auto answer = std::make_shared<Answer<T>>();
        auto posted = post([start = std::move(start), give = typename Answer<T>::Giver(answer)] {
            start(give);
        });
        if (!posted) return std::move(posted).error();
        return answer->wait();
    }

  private:
    std::mutex mutex_;
    Executor* loop_ = nullptr;
    std::thread::id thread_;
};

}  // namespace signalbox
