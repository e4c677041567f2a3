#ifndef SIGNALBOX_PLUGIN_HOST_HPP
#define SIGNALBOX_PLUGIN_HOST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signalbox/plugin/v1.h"

namespace signalbox::plugin {

/// Of a log line.
enum class LogLevel : std::int32_t {
    debug = SIGNALBOX_LOG_DEBUG,
    info = SIGNALBOX_LOG_INFO,
    warning = SIGNALBOX_LOG_WARNING,
    error = SIGNALBOX_LOG_ERROR,
};

/// What this host offers. A value, copied freely; the one a target is made with is valid as long as
/// that target. Whatever the host lacks does nothing or gives none: a target must live without it.
/// [control, loop, worker]: on the thread the target was called on, while it is called.
class Host {
  public:
    /// A field of a log line.
    struct Field {
        std::string_view name;  ///< in snake_case
        std::string_view value;  ///< never a secret
    };

    Host() = default;
    /// Null: a host that offers nothing.
    explicit Host(const signalbox_host* host) : host_(host) {}

    /// The table of a service such as "signalbox.log/1", or null where this host has none.
    const void* service(std::string_view id) const {
        if (host_ == nullptr || host_->service == nullptr) return nullptr;
        return host_->service(host_->context, text(id));
    }

    /// One log line; the host adds the plugin's and the connection's name. Never a secret.
    void log(LogLevel level, std::string_view message,
             std::initializer_list<Field> fields = {}) const {
        const auto* log = table<signalbox_log_service>(SIGNALBOX_LOG_SERVICE);
        if (log == nullptr) return;
        std::vector<signalbox_field> list;
        list.reserve(fields.size());
        for (const Field& field : fields)
            list.push_back({text(field.name), text(field.value)});
        log->write(log->context, static_cast<std::int32_t>(level), text(message), list.data(),
                   list.size());
    }

    /// Unix time. plan() and judge() are given the time of their attempt and should use that.
    std::optional<std::int64_t> wall_ms() const {
        const auto* clock = table<signalbox_clock_service>(SIGNALBOX_CLOCK_SERVICE);
        if (clock == nullptr) return std::nullopt;
        return clock->wall_ms(clock->context);
    }

    /// The secret behind a setting that the schema marks x-secret; `name` is what stands in the
    /// settings in its place. Ask each time: keep no copy.
    std::optional<std::string> secret(std::string_view name) const {
        const auto* secrets = table<signalbox_secret_service>(SIGNALBOX_SECRET_SERVICE);
        std::optional<std::string> secret;
        if (secrets == nullptr) return secret;
        const auto take = [](void* taker, signalbox_text value) {
            auto& into = *static_cast<std::optional<std::string>*>(taker);
            into = value.size == 0 ? std::string() : std::string(value.data, value.size);
        };
        if (secrets->read(secrets->context, text(name), take, &secret) != SIGNALBOX_OK)
            secret.reset();
        return secret;
    }

    /// Counts one event of this connection; `event` has letters, digits and _ only.
    void count(std::string_view event, std::uint64_t amount = 1) const {
        const auto* metrics = table<signalbox_metric_service>(SIGNALBOX_METRIC_SERVICE);
        if (metrics != nullptr) metrics->count(metrics->context, text(event), amount);
    }

    /// 32 raw bytes, or none where this host has no crypto service.
    std::optional<std::string> sha256(std::string_view bytes) const {
        const auto* crypto = table<signalbox_crypto_service>(SIGNALBOX_CRYPTO_SERVICE);
        if (crypto == nullptr) return std::nullopt;
        std::array<unsigned char, 32> digest{};
        crypto->sha256(crypto->context, text(bytes), digest.data());
        return std::string(digest.begin(), digest.end());
    }
    /// As sha256(), with a key.
    std::optional<std::string> hmac_sha256(std::string_view key, std::string_view bytes) const {
        const auto* crypto = table<signalbox_crypto_service>(SIGNALBOX_CRYPTO_SERVICE);
        if (crypto == nullptr) return std::nullopt;
        std::array<unsigned char, 32> digest{};
        crypto->hmac_sha256(crypto->context, text(key), text(bytes), digest.data());
        return std::string(digest.begin(), digest.end());
    }

  private:
    static signalbox_text text(std::string_view view) { return {view.data(), view.size()}; }

    template <class Table>
    const Table* table(std::string_view id) const {
        return static_cast<const Table*>(service(id));
    }

    const signalbox_host* host_ = nullptr;
};

}  // namespace signalbox::plugin

#endif
