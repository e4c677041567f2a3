#include "net/client.hpp"

#include <deque>
#include <unordered_map>
#include <utility>

#include "net/exchange.hpp"

namespace signalbox::net {

using dispatch::ExchangeId;

class Client::Impl final : public ClientCore, public std::enable_shared_from_this<Impl> {
  public:
    using ClientCore::ClientCore;

    ExchangeId send(dispatch::WireRequest request, dispatch::ReplyDone done);
    void cancel(ExchangeId id);
    void shut_down();

    void finished(Exchange& exchange) override;

  private:
    struct Ready {
        dispatch::ReplyDone done;
        dispatch::WireReply reply;
    };
    void deliver();

    std::unordered_map<ExchangeId, std::shared_ptr<Exchange>> exchanges_;
    ExchangeId last_id_ = 0;
    bool inside_call_ = false;  // of ours: a done must wait
    bool delivery_posted_ = false;
    std::deque<Ready> ready_;
};

ExchangeId Client::Impl::send(dispatch::WireRequest request, dispatch::ReplyDone done) {
    const ExchangeId id = ++last_id_;
    auto exchange = std::make_shared<Exchange>(*this, id, std::move(request), std::move(done));
    exchanges_.emplace(id, exchange);
    const bool outer = std::exchange(inside_call_, true);
    exchange->start();
    inside_call_ = outer;
    return id;
}

void Client::Impl::cancel(ExchangeId id) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    const auto exchange = found->second;
    const bool outer = std::exchange(inside_call_, true);
    exchange->cancel("The exchange was cancelled.");
    inside_call_ = outer;
}

void Client::Impl::finished(Exchange& exchange) {
    Ready ready{std::move(exchange.done()), std::move(exchange.reply())};
    exchanges_.erase(exchange.id());
    if (!inside_call_) {
        const auto self = shared_from_this();
        ready.done(std::move(ready.reply));
        return;
    }
    ready_.push_back(std::move(ready));
    if (std::exchange(delivery_posted_, true)) return;
    loop.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->deliver();
    });
}

void Client::Impl::deliver() {
    delivery_posted_ = false;
    while (!ready_.empty()) {
        Ready ready = std::move(ready_.front());
        ready_.pop_front();
        ready.done(std::move(ready.reply));
    }
}

void Client::Impl::shut_down() {
    // The loop may have stopped, so nothing can be left to it.
    while (!exchanges_.empty() || !ready_.empty()) {
        const auto under_way = std::exchange(exchanges_, {});
        const bool outer = std::exchange(inside_call_, true);
        for (const auto& [id, exchange] : under_way)
            exchange->cancel("The transport was stopped.");
        inside_call_ = outer;
        deliver();
    }
}

Client::Client(Loop& loop, ClientOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Client::~Client() {
    impl_->shut_down();
}

ExchangeId Client::send(dispatch::WireRequest request, dispatch::ReplyDone done) {
    return impl_->send(std::move(request), std::move(done));
}

void Client::cancel(ExchangeId exchange) {
    impl_->cancel(exchange);
}

}  // namespace signalbox::net
