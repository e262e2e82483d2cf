/* SPDX-License-Identifier: MIT */
/* How long processes that were ready to run waited for a processor, over the last seconds: what of
 * a pause is the machine's and not the server's. Read from /proc/PID/schedstat, of their main
 * threads. Lives in: the load generator. Owns: descriptors. Units: nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef TG_BENCH_RUN_QUEUE_H
#define TG_BENCH_RUN_QUEUE_H

#include "process_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TG_RUN_QUEUE_SAMPLES = 4096, TG_RUN_QUEUE_PROCESSES = 8 };

struct tg_run_queue {
    int fds[TG_RUN_QUEUE_PROCESSES + 1]; /* of this process, then of the servers */
    size_t count;
    uint64_t taken; /* samples, ever */
    struct tg_run_queue_sample {
        uint64_t at_ns;
        uint64_t waited_ns[TG_RUN_QUEUE_PROCESSES + 1];
    } samples[TG_RUN_QUEUE_SAMPLES];
};

/* False, told on standard error: there are too many servers, or the kernel doesn't tell. */
bool tg_run_queue_init(struct tg_run_queue *queue, const struct tg_process_list *servers);
void tg_run_queue_fini(struct tg_run_queue *queue);

/* Looks now, unless the last look is not a millisecond old and is_needed is false. */
void tg_run_queue_look(struct tg_run_queue *queue, uint64_t now_ns, bool is_needed);

/* What this process and the one of the servers that waited most waited between the two times, as
 * far as it was looked at within them. */
uint64_t tg_run_queue_waited(const struct tg_run_queue *queue, uint64_t from_ns, uint64_t to_ns);

#endif
