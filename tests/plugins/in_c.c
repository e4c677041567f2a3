/* A whole plugin in C11, from v1.h alone: it shows that the contract needs nothing of C++. */
#include <string.h>

#include "descriptors.hpp"
#include "signalbox/plugin/v1.h"

#define DESCRIPTOR TEST_DESCRIPTOR("in-c", 1)
#define PADDED(size) (((size) + 3) / 4 * 4)

static const struct {
    uint32_t owner_size, text_size, type;
    char owner[PADDED(sizeof SIGNALBOX_NOTE_OWNER)];
    char text[PADDED(sizeof DESCRIPTOR - 1)]; /* without the NUL: the next note follows at once */
} note __attribute__((section(SIGNALBOX_NOTE_SECTION), used, aligned(4))) = {
    sizeof SIGNALBOX_NOTE_OWNER, sizeof DESCRIPTOR - 1, SIGNALBOX_NOTE_TYPE, SIGNALBOX_NOTE_OWNER,
    DESCRIPTOR};

struct signalbox_connection {
    int calls;
};
static struct signalbox_connection only;

static signalbox_text text(const char* words) {
    signalbox_text slice = {words, strlen(words)};
    return slice;
}

static signalbox_answer connect_to(const signalbox_host* host, signalbox_text settings,
                                   signalbox_connection** connection,
                                   const signalbox_problem_writer* writer) {
    (void)settings;
    if (host->service(host->context, text("signalbox.unheard-of/1")) != NULL) {
        writer->problem(writer->context, text(""), text("a service that nobody has"));
        return SIGNALBOX_REFUSED;
    }
    *connection = &only;
    return SIGNALBOX_OK;
}

static void disconnect(signalbox_connection* connection) {
    (void)connection;
}

static signalbox_answer plan(signalbox_connection* connection, const signalbox_run* run,
                             const signalbox_state* state, const signalbox_request_writer* writer) {
    (void)connection;
    (void)state;
    writer->method(writer->context, text("PUT"));
    writer->url(writer->context, text("https://target.example/runs"));
    writer->header(writer->context, text("X-Run"), run->id);
    return SIGNALBOX_OK;
}

static signalbox_answer judge(signalbox_connection* connection, const signalbox_run* run,
                              const signalbox_state* state, const signalbox_response* response,
                              const signalbox_verdict_writer* writer) {
    (void)connection;
    (void)run;
    (void)state;
    writer->outcome(writer->context, response->status == 200 ? SIGNALBOX_OUTCOME_ACCEPTED
                                                             : SIGNALBOX_OUTCOME_EFFECT_UNKNOWN);
    return SIGNALBOX_OK;
}

signalbox_answer signalbox_plugin_v1(const signalbox_host* host, signalbox_plugin* plugin);

__attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1(
    const signalbox_host* host, signalbox_plugin* plugin) {
    (void)host;
    plugin->abi_minor = SIGNALBOX_ABI_MINOR;
    plugin->descriptor.data = note.text;
    plugin->descriptor.size = note.text_size;
    plugin->connect = connect_to;
    plugin->disconnect = disconnect;
    plugin->plan = plan;
    plugin->judge = judge;
    return SIGNALBOX_OK;
}
