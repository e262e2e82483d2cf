/* SPDX-License-Identifier: MIT */
/* Every connection keeps `depth` messages in flight; an answer makes room for the next message.
 * The end stops the sending and then waits for every answer still owed, so that a lost one is
 * seen. */
#include "load.h"
#include "payload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct echo {
    const struct tg_load_options *options;
    struct tg_swarm swarm;
    struct tg_payload payload;
    struct tg_window window;
    uint64_t *sent_ns; /* of the messages in flight, depth for each client */
    uint64_t sent;
    uint64_t answered;
    bool is_measuring;
    bool is_stopping;
};

static void on_open(void *self, struct tg_client *client)
{
    (void)self;
    (void)client;
}

static void on_end(void *self, struct tg_client *client)
{
    (void)self;
    (void)client;
}

static uint64_t *slot_of(const struct echo *echo, const struct tg_client *client, uint64_t number)
{
    size_t depth = echo->options->depth;
    return &echo->sent_ns[client->index * depth + number % depth];
}

static bool may_send(const struct echo *echo)
{
    uint64_t limit = echo->options->messages;
    return !echo->is_stopping && (limit == 0 || echo->sent < limit);
}

static bool send_message(struct echo *echo, struct tg_client *client, uint64_t now_ns)
{
    uint8_t *frame = tg_client_reserve(&echo->swarm, client, echo->payload.frame_len);
    if (frame == NULL) {
        return false;
    }
    tg_payload_write(&echo->payload, client->sent, frame);
    *slot_of(echo, client, client->sent) = now_ns;
    client->sent++;
    echo->sent++;
    return true;
}

/* An answer has come; now_ns is the time of the read that brought it. */
static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct echo *echo = self;

    if (client->received == client->sent ||
        !tg_payload_is_answer(&echo->payload, client->received, text, len)) {
        return tg_swarm_fault(&echo->swarm, "client %u, message %" PRIu64 ": a wrong answer: %.*s",
                              client->index, client->received, (int)(len < 200 ? len : 200), text);
    }
    uint64_t sent_ns = *slot_of(echo, client, client->received);
    if (echo->is_measuring && sent_ns >= echo->window.start_ns) {
        tg_histogram_add(&echo->window.latency, now_ns - sent_ns);
    }
    client->received++;
    echo->answered++;
    return !may_send(echo) || send_message(echo, client, now_ns);
}

static bool send_first(struct echo *echo)
{
    for (size_t i = 0; i < echo->swarm.client_count; i++) {
        struct tg_client *client = &echo->swarm.clients[i];
        for (size_t k = 0; k < echo->options->depth && may_send(echo); k++) {
            if (!send_message(echo, client, tg_swarm_now())) {
                return false;
            }
        }
        if (!tg_client_flush(&echo->swarm, client)) {
            return false;
        }
    }
    return true;
}

/* Turns the loop until `until_ns`, or until all is answered once nothing more may be sent. */
static bool run_until(struct echo *echo, uint64_t until_ns)
{
    uint64_t seen = echo->answered;
    uint64_t seen_ns = tg_swarm_now();

    for (;;) {
        if (!tg_swarm_turn(&echo->swarm, 10)) {
            return false;
        }
        uint64_t now_ns = tg_swarm_now();
        bool is_all_answered = !may_send(echo) && echo->answered == echo->sent;
        if (is_all_answered || now_ns >= until_ns) {
            return true;
        }
        if (echo->answered != seen) {
            seen = echo->answered;
            seen_ns = now_ns;
        } else if (now_ns - seen_ns > tg_load_ns(TG_LOAD_STALL_S)) {
            return tg_swarm_fault(&echo->swarm, "stalled: %" PRIu64 " sent, %" PRIu64 " answered",
                                  echo->sent, echo->answered);
        }
    }
}

static bool measure(struct echo *echo)
{
    const struct tg_load_options *options = echo->options;
    uint64_t longest_ns = tg_load_ns(options->seconds);
    bool is_counted = options->messages > 0;

    if (!is_counted &&
        !(send_first(echo) && run_until(echo, tg_swarm_now() + tg_load_ns(options->warm_up)))) {
        return false;
    }
    echo->is_measuring = true;
    if (!tg_window_open(&echo->window, &options->servers, echo->answered) ||
        (is_counted && !send_first(echo)) || !run_until(echo, tg_swarm_now() + longest_ns) ||
        !tg_window_close(&echo->window, &options->servers, echo->answered)) {
        return false;
    }
    if (is_counted && echo->answered != options->messages) {
        return tg_swarm_fault(&echo->swarm, "only %" PRIu64 " of %" PRIu64 " answered in time",
                              echo->answered, options->messages);
    }
    echo->is_measuring = false;
    echo->is_stopping = true;
    return run_until(echo, UINT64_MAX);
}

static bool run(struct echo *echo)
{
    const struct tg_load_options *options = echo->options;
    uint64_t until_ns = tg_swarm_now() + tg_load_ns(TG_LOAD_OPEN_S);

    if (!tg_swarm_open_all(&echo->swarm, options->at_once, until_ns) || !measure(echo) ||
        !tg_swarm_close_all(&echo->swarm, tg_swarm_now() + tg_load_ns(TG_LOAD_STALL_S))) {
        return false;
    }
    printf("{\"load\":\"echo\",\"connections\":%zu,\"depth\":%zu,\"payload\":%zu,",
           options->connections, options->depth, options->payload);
    tg_window_print(&echo->window);
    puts("}");
    return true;
}

bool tg_load_echo(const struct tg_load_options *options)
{
    struct echo *echo = calloc(1, sizeof *echo);
    bool is_good = false;

    if (echo == NULL) {
        fputs("wsload: out of memory\n", stderr);
        return false;
    }
    echo->options = options;
    echo->sent_ns = calloc(options->connections * options->depth, sizeof *echo->sent_ns);
    if (echo->sent_ns == NULL ||
        !tg_payload_init(&echo->payload, options->event, options->answer_event, options->payload)) {
        fputs("wsload: the message doesn't fit its size, or memory is short\n", stderr);
        goto end;
    }
    struct tg_swarm_handler handler = {
        .self = echo, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&echo->swarm, options->port, options->path, options->connections, handler)) {
        fputs("wsload: memory or descriptors are short\n", stderr);
        goto end;
    }
    is_good = run(echo);
    tg_swarm_fini(&echo->swarm);
end:
    free(echo->sent_ns);
    free(echo);
    return is_good;
}
