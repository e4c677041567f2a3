/* A whole plugin in C11, from the contract's header alone: posts each run's payload to one URL. */
#include <stdlib.h>
#include <string.h>

#include <signalbox/plugin/v1.h>

#define DESCRIPTOR \
    "{\"abi\": {\"major\": 1, \"minor\": 0}, \"id\": \"notify\", \"version\": \"1.0.0\",\n" \
    " \"license\": \"Apache-2.0\", \"description\": \"Posts a run's payload to one URL.\",\n" \
    " \"invocation_types\": {\"NOTIFY\": {\"type\": \"object\", \"properties\": {},\n" \
    "  \"additionalProperties\": false}},\n" \
    " \"settings\": {\"type\": \"object\", \"properties\": {\n" \
    "  \"url\": {\"type\": \"string\", \"format\": \"uri\", \"pattern\": \"^https?://[^\\\\\\\\\\\"]+$\",\n" \
    "   \"description\": \"Where to post it.\"}},\n" \
    "  \"required\": [\"url\"], \"additionalProperties\": false},\n" \
    " \"capabilities\": [], \"setup\": \"Nothing is to be set up.\"}"

#define PADDED(size) (((size) + 3) / 4 * 4)

/* The descriptor as an ELF note, which is read before any of this code runs. */
static const struct {
    uint32_t owner_size, text_size, type;
    char owner[PADDED(sizeof SIGNALBOX_NOTE_OWNER)];
    char text[PADDED(sizeof DESCRIPTOR - 1)]; /* without the NUL: the next note follows at once */
} note __attribute__((section(SIGNALBOX_NOTE_SECTION), used, aligned(4))) = {
    sizeof SIGNALBOX_NOTE_OWNER, sizeof DESCRIPTOR - 1, SIGNALBOX_NOTE_TYPE, SIGNALBOX_NOTE_OWNER,
    DESCRIPTOR};

struct signalbox_connection {
    size_t url_size;
    char url[];
};

static signalbox_text text(const char* words) {
    const signalbox_text slice = {words, strlen(words)};
    return slice;
}

/* Where the value of "url" begins and ends. The settings fit the schema: they are compact JSON, url is
 * their only member, and its pattern leaves nothing in it that would be escaped. */
static signalbox_text find_url(signalbox_text settings) {
    static const char before[] = "{\"url\":\"";
    static const char after[] = "\"}";
    const size_t around = sizeof before - 1 + sizeof after - 1;
    signalbox_text url = {NULL, 0};
    if (settings.size <= around || memcmp(settings.data, before, sizeof before - 1) != 0) return url;
    url.data = settings.data + sizeof before - 1;
    url.size = settings.size - around;
    return url;
}

static signalbox_answer connect_to(const signalbox_host* host, signalbox_text settings,
                                   signalbox_connection** connection,
                                   const signalbox_problem_writer* writer) {
    const signalbox_text url = find_url(settings);
    signalbox_connection* made;
    (void)host;
    if (url.size == 0) {
        writer->problem(writer->context, text("/url"), text("is missing; write where to post to"));
        return SIGNALBOX_REFUSED;
    }
    made = malloc(sizeof *made + url.size);
    if (made == NULL) return SIGNALBOX_BROKEN;
    made->url_size = url.size;
    memcpy(made->url, url.data, url.size);
    *connection = made;
    return SIGNALBOX_OK;
}

static void disconnect(signalbox_connection* connection) {
    free(connection);
}

static signalbox_answer plan(signalbox_connection* connection, const signalbox_run* run,
                             const signalbox_state* state, const signalbox_request_writer* writer) {
    const signalbox_text url = {connection->url, connection->url_size};
    (void)state;
    writer->url(writer->context, url);
    writer->header(writer->context, text("Content-Type"), text("application/json"));
    writer->header(writer->context, text("X-Delivery"), run->delivery_id);
    return SIGNALBOX_OK;
}

/* Digits only; -1: not a number of seconds that makes sense. */
static int64_t seconds(signalbox_text value) {
    int64_t sum = 0;
    size_t i;
    if (value.size == 0 || value.size > 6) return -1;
    for (i = 0; i < value.size; ++i) {
        if (value.data[i] < '0' || value.data[i] > '9') return -1;
        sum = sum * 10 + (value.data[i] - '0');
    }
    return sum;
}

static int is_retry_after(signalbox_text name) {
    static const char wanted[] = "retry-after";
    size_t i;
    if (name.size != sizeof wanted - 1) return 0;
    for (i = 0; i < name.size; ++i) {
        const char letter = name.data[i];
        if ((letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter) != wanted[i]) return 0;
    }
    return 1;
}

static signalbox_answer throttled(const signalbox_response* response,
                                  const signalbox_verdict_writer* writer) {
    int64_t wait_ms = 60000; /* where none is said, or a date, which this example does not read */
    size_t i;
    for (i = 0; i < response->header_count; ++i) {
        if (is_retry_after(response->headers[i].name) && seconds(response->headers[i].value) >= 0)
            wait_ms = seconds(response->headers[i].value) * 1000;
    }
    writer->outcome(writer->context, SIGNALBOX_OUTCOME_THROTTLED);
    writer->reason(writer->context, text("the service limits the rate"));
    writer->retry_after_ms(writer->context, wait_ms);
    return SIGNALBOX_OK;
}

static signalbox_answer judge(signalbox_connection* connection, const signalbox_run* run,
                              const signalbox_state* state, const signalbox_response* response,
                              const signalbox_verdict_writer* writer) {
    const int32_t status = response->status;
    signalbox_outcome outcome = SIGNALBOX_OUTCOME_EFFECT_UNKNOWN;
    (void)connection;
    (void)run;
    (void)state;
    if (status == 429) return throttled(response, writer);
    if (status == 200 || status == 202 || status == 204) outcome = SIGNALBOX_OUTCOME_ACCEPTED;
    if (status == 401 || status == 203) outcome = SIGNALBOX_OUTCOME_UNAUTHENTICATED;
    if (status >= 300 && status < 500 && status != 401) outcome = SIGNALBOX_OUTCOME_PERMANENT;
    writer->outcome(writer->context, outcome);
    return SIGNALBOX_OK;
}

signalbox_answer signalbox_plugin_v1(const signalbox_host* host, signalbox_plugin* plugin);

__attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1(
    const signalbox_host* host, signalbox_plugin* plugin) {
    (void)host;
    if (plugin == NULL || !SIGNALBOX_HAS(plugin, signalbox_plugin, judge)) return SIGNALBOX_BROKEN;
    plugin->abi_minor = SIGNALBOX_ABI_MINOR;
    plugin->descriptor.data = note.text;
    plugin->descriptor.size = note.text_size;
    plugin->connect = connect_to;
    plugin->disconnect = disconnect;
    plugin->plan = plan;
    plugin->judge = judge;
    return SIGNALBOX_OK;
}
