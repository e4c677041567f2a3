/* Names every type of v1.h in one function, for abidiff to find them. */
#include "signalbox/plugin/v1.h"

void signalbox_contract_v1(const signalbox_host* host, const signalbox_plugin* plugin,
                           const signalbox_blocking* blocking, const signalbox_connection_step* step,
                           const signalbox_log_service* log, const signalbox_clock_service* clock,
                           const signalbox_secret_service* secrets,
                           const signalbox_metric_service* metrics,
                           const signalbox_crypto_service* crypto);

void signalbox_contract_v1(const signalbox_host* host, const signalbox_plugin* plugin,
                           const signalbox_blocking* blocking, const signalbox_connection_step* step,
                           const signalbox_log_service* log, const signalbox_clock_service* clock,
                           const signalbox_secret_service* secrets,
                           const signalbox_metric_service* metrics,
                           const signalbox_crypto_service* crypto) {
    (void)host;
    (void)plugin;
    (void)blocking;
    (void)step;
    (void)log;
    (void)clock;
    (void)secrets;
    (void)metrics;
    (void)crypto;
}
