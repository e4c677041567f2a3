#pragma once

#include "plugins/collector.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// Takes what one plan() writes.
class RequestCollector : public Collector {
  public:
    signalbox_request_writer writer() noexcept;

    /// After an OK: names as a breach what is missing or contradicts itself.
    void finish() noexcept;

    PlannedRequest& request() { return request_; }

  private:
    static RequestCollector& of(void* context) noexcept;
    static void on_method(void* context, signalbox_text method) noexcept;
    static void on_url(void* context, signalbox_text url) noexcept;
    static void on_header(void* context, signalbox_text name, signalbox_text value) noexcept;
    static void on_secret_header(void* context, signalbox_text name, signalbox_text value) noexcept;
    void take_header(signalbox_text name, signalbox_text value, std::vector<Header>& into) noexcept;
    static void on_body(void* context, signalbox_text body) noexcept;
    static void on_safe(void* context, std::int32_t safe) noexcept;
    static void on_done(void* context) noexcept;

    PlannedRequest request_;
    bool method_said_ = false;
    bool url_said_ = false;
    bool body_said_ = false;
};

}  // namespace signalbox::plugins
