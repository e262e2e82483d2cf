/* SPDX-License-Identifier: MIT */
/* Client 0 publishes, all others subscribe. `window` broadcasts are in flight; one is done when
 * every subscriber that reads has it, and as each must get all of them in order, they are done in
 * order. With a pace they are published by the clock, as far as the window lets them.
 *
 * Elsewhere: each client first asks where it is ("where", answered by the number of its worker),
 * and only those who are with another worker than the publisher subscribe. */
#include "load.h"
#include "payload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_S = 1000000000, SLOW_RECEIVE_BYTES = 4096 };

static const char where[] = "{\"event\":\"where\",\"data\":{}}";

struct in_flight {
    uint64_t sent_ns;
    size_t deliveries;
};

struct broadcast {
    const struct tg_load_options *options;
    struct tg_swarm swarm;
    struct tg_payload payload;
    struct tg_window window;
    struct in_flight *in_flight; /* window of them, by number */
    size_t expected;             /* subscribers that read */
    size_t located;
    uint32_t *workers; /* elsewhere: of each client */
    size_t joined;
    uint64_t start_ns; /* of publishing */
    uint64_t published;
    uint64_t done;
    uint64_t delivered;
    struct tg_histogram whole; /* from sent until every subscriber has it */
    char joined_text[TG_PAYLOAD_NAME_MAX + 16];
    bool is_publishing;
    bool is_measuring;
};

static bool say(struct broadcast *broadcast, struct tg_client *client, const char *text)
{
    return tg_client_put(&broadcast->swarm, client, TG_OPCODE_TEXT, text, strlen(text));
}

/* The upgrade is done: a subscriber asks for what is published. */
static void on_open(void *self, struct tg_client *client)
{
    struct broadcast *broadcast = self;

    if (broadcast->options->is_elsewhere) {
        say(broadcast, client, where);
    } else if (client->index != 0) {
        say(broadcast, client, broadcast->options->join);
    }
}

static bool is_slow(const struct broadcast *broadcast, const struct tg_client *client)
{
    return client->index > broadcast->options->connections - broadcast->options->slow;
}

static void on_end(void *self, struct tg_client *client)
{
    (void)self;
    (void)client;
}

static bool on_joined(struct broadcast *broadcast, struct tg_client *client, const char *text,
                      size_t len)
{
    const char *wanted = broadcast->joined_text;

    if (client->index == 0 || memmem(text, len, wanted, strlen(wanted)) == NULL) {
        return tg_swarm_fault(&broadcast->swarm, "client %u: not the answer to a join: %.*s",
                              client->index, (int)(len < 200 ? len : 200), text);
    }
    broadcast->joined++;
    return !is_slow(broadcast, client) || tg_client_stall(&broadcast->swarm, client);
}

/* The answer to "where": {"event":"where","data":NUMBER}. */
static bool on_located(struct broadcast *broadcast, const struct tg_client *client,
                       const char *text, size_t len)
{
    char copy[128];
    uint32_t worker = 0;

    if (len < sizeof copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        const char *data = strstr(copy, "\"data\":");
        worker = data == NULL ? 0 : (uint32_t)strtoul(data + strlen("\"data\":"), NULL, 10);
    }
    if (worker == 0) {
        return tg_swarm_fault(&broadcast->swarm, "client %u: not the number of a worker: %.*s",
                              client->index, (int)(len < 200 ? len : 200), text);
    }
    broadcast->workers[client->index] = worker;
    broadcast->located++;
    return true;
}

/* A delivery has come, or before the start the answer to a join. */
static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct broadcast *broadcast = self;

    if (!broadcast->is_publishing) {
        return broadcast->workers != NULL && broadcast->located < broadcast->swarm.client_count
                   ? on_located(broadcast, client, text, len)
                   : on_joined(broadcast, client, text, len);
    }
    if (client->index == 0 || client->received == broadcast->published ||
        !tg_payload_is_answer(&broadcast->payload, client->received, text, len)) {
        return tg_swarm_fault(&broadcast->swarm,
                              "client %u, broadcast %" PRIu64 ": a wrong delivery: %.*s",
                              client->index, client->received, (int)(len < 200 ? len : 200), text);
    }
    struct in_flight *slot = &broadcast->in_flight[client->received % broadcast->options->window];
    client->received++;
    broadcast->delivered++;
    if (broadcast->is_measuring && slot->sent_ns >= broadcast->window.start_ns) {
        tg_histogram_add(&broadcast->window.latency, now_ns - slot->sent_ns);
    }
    if (++slot->deliveries == broadcast->expected) {
        broadcast->done++;
        if (broadcast->is_measuring && slot->sent_ns >= broadcast->window.start_ns) {
            tg_histogram_add(&broadcast->whole, now_ns - slot->sent_ns);
        }
    }
    return true;
}

static bool may_publish(const struct broadcast *broadcast)
{
    uint64_t limit = broadcast->options->messages;
    return limit == 0 || broadcast->published < limit;
}

static bool is_due(const struct broadcast *broadcast)
{
    uint64_t pace = broadcast->options->pace;
    return pace == 0 ||
           tg_swarm_now() - broadcast->start_ns >= broadcast->published * NS_PER_S / pace;
}

static bool publish(struct broadcast *broadcast)
{
    struct tg_client *publisher = &broadcast->swarm.clients[0];
    size_t frame_len = broadcast->payload.frame_len;

    while (may_publish(broadcast) && is_due(broadcast) &&
           broadcast->published - broadcast->done < broadcast->options->window) {
        uint8_t *frame = tg_client_reserve(&broadcast->swarm, publisher, frame_len);
        if (frame == NULL) {
            return false;
        }
        tg_payload_write(&broadcast->payload, broadcast->published, frame);
        broadcast->in_flight[broadcast->published % broadcast->options->window] =
            (struct in_flight){.sent_ns = tg_swarm_now()};
        broadcast->published++;
    }
    return tg_client_flush(&broadcast->swarm, publisher);
}

/* Turns the loop until `until_ns`; without publishing, until all is delivered. */
static bool run_until(struct broadcast *broadcast, uint64_t until_ns, bool is_publishing)
{
    uint64_t seen = broadcast->delivered;
    uint64_t seen_ns = tg_swarm_now();

    for (;;) {
        int wait_ms = broadcast->options->pace == 0 ? 10 : 1;
        if ((is_publishing && !publish(broadcast)) || !tg_swarm_turn(&broadcast->swarm, wait_ms)) {
            return false;
        }
        uint64_t now_ns = tg_swarm_now();
        bool is_all_sent = !is_publishing || !may_publish(broadcast);
        if (now_ns >= until_ns || (is_all_sent && broadcast->done == broadcast->published)) {
            return true;
        }
        if (broadcast->delivered != seen) {
            seen = broadcast->delivered;
            seen_ns = now_ns;
        } else if (now_ns - seen_ns > tg_load_ns(TG_LOAD_STALL_S)) {
            return tg_swarm_fault(&broadcast->swarm,
                                  "stalled: %" PRIu64 " published, %" PRIu64 " delivered to all",
                                  broadcast->published, broadcast->done);
        }
    }
}

/* Turns the loop until *count is `wanted`. */
static bool wait_for(struct broadcast *broadcast, const size_t *count, size_t wanted,
                     const char *what)
{
    uint64_t until_ns = tg_swarm_now() + tg_load_ns(TG_LOAD_STALL_S);

    while (*count < wanted) {
        if (!tg_swarm_turn(&broadcast->swarm, 10)) {
            return false;
        }
        if (tg_swarm_now() > until_ns) {
            return tg_swarm_fault(&broadcast->swarm, "only %zu of %zu %s", *count, wanted, what);
        }
    }
    return true;
}

/* Lets those join who are not where the publisher is. */
static bool join_elsewhere(struct broadcast *broadcast)
{
    struct tg_swarm *swarm = &broadcast->swarm;

    if (!wait_for(broadcast, &broadcast->located, swarm->client_count, "know where they are")) {
        return false;
    }
    broadcast->expected = 0;
    for (size_t i = 1; i < swarm->client_count; i++) {
        if (broadcast->workers[i] != broadcast->workers[0]) {
            if (!say(broadcast, &swarm->clients[i], broadcast->options->join) ||
                !tg_client_flush(swarm, &swarm->clients[i])) {
                return false;
            }
            broadcast->expected++;
        }
    }
    return broadcast->expected > 0 || tg_swarm_fault(swarm, "all clients are with one worker");
}

static bool wait_for_joins(struct broadcast *broadcast)
{
    if (broadcast->options->is_elsewhere && !join_elsewhere(broadcast)) {
        return false;
    }
    if (!wait_for(broadcast, &broadcast->joined, broadcast->expected + broadcast->options->slow,
                  "subscribers have joined")) {
        return false;
    }
    broadcast->is_publishing = true;
    broadcast->start_ns = tg_swarm_now();
    return true;
}

static bool measure(struct broadcast *broadcast)
{
    const struct tg_load_options *options = broadcast->options;
    bool is_counted = options->messages > 0;

    if (!is_counted && !run_until(broadcast, tg_swarm_now() + tg_load_ns(options->warm_up), true)) {
        return false;
    }
    broadcast->is_measuring = true;
    if (!tg_window_open(&broadcast->window, &options->servers, broadcast->delivered) ||
        !run_until(broadcast, tg_swarm_now() + tg_load_ns(options->seconds), true) ||
        !tg_window_close(&broadcast->window, &options->servers, broadcast->delivered)) {
        return false;
    }
    if (is_counted && broadcast->done != options->messages) {
        return tg_swarm_fault(&broadcast->swarm,
                              "only %" PRIu64 " of %" PRIu64 " delivered to all in time",
                              broadcast->done, options->messages);
    }
    broadcast->is_measuring = false;
    return run_until(broadcast, UINT64_MAX, false);
}

static bool run(struct broadcast *broadcast)
{
    const struct tg_load_options *options = broadcast->options;
    uint64_t until_ns = tg_swarm_now() + tg_load_ns(TG_LOAD_OPEN_S);

    if (!tg_swarm_open_all(&broadcast->swarm, options->at_once, until_ns) ||
        !wait_for_joins(broadcast) || !measure(broadcast)) {
        return false;
    }
    for (size_t i = 0; i < broadcast->options->slow; i++) {
        tg_client_fini(&broadcast->swarm.clients[broadcast->swarm.client_count - 1 - i]);
    }
    if (!tg_swarm_close_all(&broadcast->swarm, tg_swarm_now() + tg_load_ns(TG_LOAD_STALL_S))) {
        return false;
    }
    printf("{\"load\":\"broadcast\",\"subscribers\":%zu,\"window\":%zu,\"payload\":%zu,"
           "\"all_p50_us\":%.1f,\"all_p99_us\":%.1f,",
           broadcast->expected, options->window, options->payload,
           tg_histogram_percentile(&broadcast->whole, 50) / 1e3,
           tg_histogram_percentile(&broadcast->whole, 99) / 1e3);
    tg_window_print(&broadcast->window);
    puts("}");
    return true;
}

bool tg_load_broadcast(const struct tg_load_options *options)
{
    struct broadcast *broadcast = calloc(1, sizeof *broadcast);
    bool is_good = false;

    if (broadcast == NULL) {
        fputs("wsload: out of memory\n", stderr);
        return false;
    }
    broadcast->options = options;
    broadcast->expected = options->connections - options->slow;
    broadcast->in_flight = calloc(options->window, sizeof *broadcast->in_flight);
    if (options->is_elsewhere) {
        broadcast->workers = calloc(options->connections + 1, sizeof *broadcast->workers);
    }
    int named = snprintf(broadcast->joined_text, sizeof broadcast->joined_text, "\"event\":\"%s\"",
                         options->joined_event);
    if (broadcast->in_flight == NULL || (options->is_elsewhere && broadcast->workers == NULL) ||
        named >= (int)sizeof broadcast->joined_text ||
        strlen(options->join) > TG_PAYLOAD_OCTETS_MAX ||
        !tg_payload_init(&broadcast->payload, options->event, options->answer_event,
                         options->payload)) {
        fputs("wsload: a message doesn't fit its size, or memory is short\n", stderr);
        goto end;
    }
    struct tg_swarm_handler handler = {
        .self = broadcast, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&broadcast->swarm, options->port, options->path, options->connections + 1,
                       handler)) {
        fputs("wsload: memory or descriptors are short\n", stderr);
        goto end;
    }
    for (size_t i = 0; i < options->slow; i++) {
        broadcast->swarm.clients[options->connections - i].receive_bytes = SLOW_RECEIVE_BYTES;
    }
    is_good = run(broadcast);
    tg_swarm_fini(&broadcast->swarm);
end:
    free(broadcast->workers);
    free(broadcast->in_flight);
    free(broadcast);
    return is_good;
}
