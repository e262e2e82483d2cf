/* SPDX-License-Identifier: MIT */
/* The processes beside the workers: each does one thing for all of them, and is replaced when it
 * ends.
 * Lives in: the supervisor. Owns: the children. */
#ifndef TG_AIDES_H
#define TG_AIDES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "child.h"

enum { TG_AIDES_MAX = 4 };

struct tg_aide {
    const char *process;    /* its name in the log */
    int (*run)(void *self); /* in the child */

    /* Before each fork and after it, in the supervisor; either may be NULL. What the first one
     * returns keeps the process from being started. */
    int (*on_start)(void *self, struct tg_errmsg *msg);
    void (*on_started)(void *self);
    void *self;
    struct tg_child child;
};

/* Zeroes: none. */
struct tg_aides {
    struct tg_aide list[TG_AIDES_MAX];
    uint32_t count;
};

/* None runs yet. */
void tg_aides_add(struct tg_aides *aides, const struct tg_aide *aide);

/* Starts all. The error of the first that can't be started, with a message. */
int tg_aides_start(struct tg_aides *aides, struct tg_errmsg *msg);

/* Starts again who is due. */
void tg_aides_replace(struct tg_aides *aides);

void tg_aides_signal(const struct tg_aides *aides, int number);

/* Whether one runs; whether one that is to run doesn't. */
bool tg_aides_has_running(const struct tg_aides *aides);
bool tg_aides_has_missing(const struct tg_aides *aides);

/* The one whose process this is; NULL: none. */
struct tg_aide *tg_aides_find(struct tg_aides *aides, pid_t pid);

#endif
