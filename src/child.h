/* SPDX-License-Identifier: MIT */
/* A process that is kept running: forked, watched, replaced when it ends.
 * Lives in: the supervisor. Times are monotonic milliseconds. */
#ifndef TG_CHILD_H
#define TG_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { TG_CHILD_EARLY_MS = 1000, TG_CHILD_DELAY_MIN_MS = 100, TG_CHILD_DELAY_MAX_MS = 5000 };

struct tg_child {
    pid_t pid;               /* 0: not running */
    uint64_t started_ms;     /* of the last start */
    uint64_t delay_ms;       /* before the next start; grows while it dies early */
    uint64_t start_again_ms; /* not running: when to start it */
};

struct tg_child_options {
    const char *process;    /* its name in the log */
    int death_signal;       /* what it gets when the supervisor dies */
    int (*run)(void *self); /* in the child; what it returns is the exit status */
    void *self;
};

/* Forks. The child has no signal blocked, ignores SIGINT and SIGHUP (a terminal sends them to the
 * whole group; what is to be done about them the supervisor says) and the rest is as by default.
 * TG_ERR_IO with a message when the kernel refuses. */
int tg_child_start(struct tg_child *child, const struct tg_child_options *options, uint64_t now_ms,
                   struct tg_errmsg *msg);

/* It has ended, or could not be started: plans the next start, at once, or later and later when it
 * lived for less than TG_CHILD_EARLY_MS. Pure. */
void tg_child_ended(struct tg_child *child, uint64_t now_ms);

/* Whether it is to be started now. */
bool tg_child_is_due(const struct tg_child *child, uint64_t now_ms);

#endif
