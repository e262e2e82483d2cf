/* SPDX-License-Identifier: MIT */
/* Whole lives of connections: connect, upgrade, close handshake, end; `at_once` at a time, until
 * `connections` have ended or the time is over. The latency is that of connect and upgrade. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

struct churn {
    const struct tg_load_options *options;
    struct tg_swarm swarm;
    struct tg_window window;
    size_t started;
    size_t ended;
    bool is_stopping;
};

static void start_one(struct churn *churn, struct tg_client *client)
{
    if (!churn->is_stopping && churn->started < churn->options->connections &&
        tg_client_connect(&churn->swarm, client)) {
        churn->started++;
    }
}

static void on_open(void *self, struct tg_client *client)
{
    struct churn *churn = self;

    tg_histogram_add(&churn->window.latency, tg_swarm_now() - client->connect_ns);
    tg_client_close(&churn->swarm, client);
}

/* A life is over: its place goes to the next one. */
static void on_end(void *self, struct tg_client *client)
{
    struct churn *churn = self;

    churn->ended++;
    start_one(churn, client);
}

static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct churn *churn = self;

    (void)now_ns;
    return tg_swarm_fault(&churn->swarm, "client %u: nobody asked for: %.*s", client->index,
                          (int)(len < 200 ? len : 200), text);
}

static bool turn_until_ended(struct churn *churn)
{
    uint64_t stop_ns = tg_swarm_now() + tg_load_ns(churn->options->seconds);
    size_t seen = churn->ended;
    uint64_t seen_ns = tg_swarm_now();

    while (churn->ended < churn->started) {
        if (!tg_swarm_turn(&churn->swarm, 10)) {
            return false;
        }
        uint64_t now_ns = tg_swarm_now();
        churn->is_stopping = now_ns >= stop_ns;
        if (churn->ended != seen) {
            seen = churn->ended;
            seen_ns = now_ns;
        } else if (now_ns - seen_ns > tg_load_ns(TG_LOAD_STALL_S)) {
            return tg_swarm_fault(&churn->swarm, "stalled: %zu started, %zu ended", churn->started,
                                  churn->ended);
        }
    }
    return true;
}

static bool run(struct churn *churn)
{
    const struct tg_load_options *options = churn->options;

    if (!tg_window_open(&churn->window, &options->servers, 0)) {
        return false;
    }
    for (size_t i = 0; i < churn->swarm.client_count; i++) {
        start_one(churn, &churn->swarm.clients[i]);
    }
    if (!turn_until_ended(churn) ||
        !tg_window_close(&churn->window, &options->servers, churn->ended)) {
        return false;
    }
    printf("{\"load\":\"open\",\"at_once\":%zu,", churn->swarm.client_count);
    tg_window_print(&churn->window);
    puts("}");
    return true;
}

bool tg_load_open(const struct tg_load_options *options)
{
    struct churn *churn = calloc(1, sizeof *churn);
    if (churn == NULL) {
        fputs("wsload: out of memory\n", stderr);
        return false;
    }
    churn->options = options;
    size_t at_once =
        options->at_once < options->connections ? options->at_once : options->connections;
    struct tg_swarm_handler handler = {
        .self = churn, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&churn->swarm, options->port, options->path, at_once, handler)) {
        fputs("wsload: memory or descriptors are short\n", stderr);
        free(churn);
        return false;
    }
    churn->swarm.tokens = options->tokens;
    bool is_good = run(churn);
    tg_swarm_fini(&churn->swarm);
    free(churn);
    return is_good;
}
