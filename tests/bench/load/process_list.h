/* SPDX-License-Identifier: MIT */
/* What the processes under load cost: CPU time and resident memory, read from /proc.
 * Lives in: the load generator. */
#ifndef TG_BENCH_PROCESS_LIST_H
#define TG_BENCH_PROCESS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TG_PROCESS_LIST_MAX = 32 };

/* All zero is empty. */
struct tg_process_list {
    pid_t pids[TG_PROCESS_LIST_MAX];
    size_t count;
};

/* Reads "PID,PID,...". False on anything else, or on more than TG_PROCESS_LIST_MAX. */
bool tg_process_list_parse(struct tg_process_list *list, const char *text);

/* Scheduler run time of all their threads, in nanoseconds, into *cpu_ns. False when one of them
 * can't be read: a figure without a part of its cost would be wrong. */
bool tg_process_list_cpu(const struct tg_process_list *list, uint64_t *cpu_ns);

/* Resident octets of one process, exact (smaps_rollup; the counters of status lag by some hundred
 * KiB). False when it can't be read. */
bool tg_process_list_rss(pid_t pid, uint64_t *rss_bytes);

#endif
