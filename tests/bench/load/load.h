/* SPDX-License-Identifier: MIT */
/* The loads, what they are told, and the window in which they measure.
 * Lives in: the load generator. */
#ifndef TG_BENCH_LOAD_H
#define TG_BENCH_LOAD_H

#include "histogram.h"
#include "process_list.h"
#include "swarm.h"
#include "token_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tg_load_options {
    uint16_t port;
    const char *path;
    size_t connections; /* broadcast: subscribers, beside one publisher */
    size_t depth;       /* echo: messages in flight on each connection */
    size_t window;      /* broadcast: broadcasts in flight */
    size_t slow;        /* broadcast: subscribers that never read, the last ones */
    bool is_elsewhere;  /* broadcast: only to subscribers of other workers than the publisher's */
    uint64_t pace;      /* numbered: messages of each connection in a second; broadcast: broadcasts
                           in a second, 0: as fast as they are delivered */
    size_t at_once;     /* handshakes in flight */
    double seconds;     /* of measuring */
    double warm_up;     /* seconds before it; numbered: the baseline */
    uint64_t messages;  /* echo, broadcast: stop after so many, without warm-up; 0: by time */
    size_t payload;     /* octets of a message */
    const char *event;
    const char *answer_event;
    const char *join;             /* broadcast: what a subscriber sends first */
    const char *joined_event;     /* broadcast: what then comes back */
    struct tg_token_list *tokens; /* open: what each handshake brings; NULL: nothing */
    struct tg_process_list servers;
};

/* What passed between tg_window_open and tg_window_close. All zero before. */
struct tg_window {
    uint64_t start_ns;
    uint64_t length_ns;
    uint64_t count; /* messages, deliveries or connections */
    uint64_t server_cpu_ns;
    uint64_t own_cpu_ns;
    struct tg_histogram latency;
};

/* count: of what the load counts, until now. False when a server's cost can't be read. */
bool tg_window_open(struct tg_window *window, const struct tg_process_list *servers,
                    uint64_t count);
bool tg_window_close(struct tg_window *window, const struct tg_process_list *servers,
                     uint64_t count);

/* Prints the members that every result has, from "rate" on, without braces. */
void tg_window_print(const struct tg_window *window);

/* Each runs to its end, prints one line of JSON, and is false when anything was not as it should
 * be (told on standard error): then there is no result. A load that sees no progress for
 * TG_LOAD_STALL_S seconds is such a case. */
bool tg_load_echo(const struct tg_load_options *options);
bool tg_load_broadcast(const struct tg_load_options *options);
bool tg_load_open(const struct tg_load_options *options);
bool tg_load_idle(const struct tg_load_options *options);
bool tg_load_numbered(const struct tg_load_options *options); /* prints a line before, too */

enum { TG_LOAD_STALL_S = 5, TG_LOAD_OPEN_S = 60 };

static inline uint64_t tg_load_ns(double seconds)
{
    return (uint64_t)(seconds * 1e9);
}

#endif
