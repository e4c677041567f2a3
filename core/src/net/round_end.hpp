#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "net/loop.hpp"

namespace signalbox::net {

/// Collects objects during the loop's round and calls round_ended() of each at its end. A peer that sleeps is woken by
/// the first bytes for it and takes the rest while it is awake: so what many connections send goes out
/// in one go, and not between the pieces of work that made it. [loop thread]
template <class Object>
class RoundEnd {
  public:
    /// What was added is called even if this is gone by then.
    explicit RoundEnd(Loop& loop) : list_(std::make_shared<List>(loop)) {}

    void add(std::shared_ptr<Object> object) {
        list_->objects.push_back(std::move(object));
        if (list_->objects.size() == 1) hook(list_);
    }

  private:
    struct List {
        explicit List(Loop& the_loop) : loop(the_loop) {}
        Loop& loop;
        std::vector<std::shared_ptr<Object>> objects;
    };

    static void hook(const std::shared_ptr<List>& list) {
        list->loop.at_round_end([list] { run(list); });
    }

    static void run(const std::shared_ptr<List>& list) {
        const auto objects = std::exchange(list->objects, {});
        for (std::size_t i = 0; i < objects.size(); ++i) {
            try {
                objects[i]->round_ended();
            } catch (...) {
                // A fault of one is no other's: the loop is told, and the rest come right after.
                for (std::size_t rest = i + 1; rest < objects.size(); ++rest)
                    list->objects.push_back(objects[rest]);
                if (!list->objects.empty()) hook(list);
                throw;
            }
        }
    }

    std::shared_ptr<List> list_;
};

}  // namespace signalbox::net
