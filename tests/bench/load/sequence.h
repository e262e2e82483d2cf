/* SPDX-License-Identifier: MIT */
/* Which answers of one connection have come, by their numbers: told apart are those that never
 * come, come again, or come after a later one. Lives in: the load generator. Pure. */
#ifndef TG_BENCH_SEQUENCE_H
#define TG_BENCH_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* How far behind the newest answer a late one is known as such; what is later still is lost. */
enum { TG_SEQUENCE_WINDOW = 1024 };

/* All zero: nothing has come. */
struct tg_sequence {
    uint64_t next;                             /* one past the highest number that has come */
    uint64_t missing[TG_SEQUENCE_WINDOW / 64]; /* a bit for each of the last ones */
    uint64_t given_up;                         /* that fell out of the window */
    uint64_t doubled;
    uint64_t reordered;
};

/* An answer has come. True: it is the one that was next. */
bool tg_sequence_add(struct tg_sequence *sequence, uint64_t number);

/* How many of `sent` messages have no answer. */
uint64_t tg_sequence_lost(const struct tg_sequence *sequence, uint64_t sent);

#endif
