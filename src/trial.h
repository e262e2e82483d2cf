/* SPDX-License-Identifier: MIT */
/* Whether a generation that has just gone live does worse than the one before it, judged by what
 * all workers' tallies say together (core/tally.h).
 * Lives in: the supervisor. Pure.
 *
 * Errors and timeouts are judged by the share of clients' calls that end so. No client weighs more
 * than a tenth of all, so one that calls most can't decide alone; fewer than ten weigh the same.
 * What timers come to is not judged: they have no client whose calls could be told from theirs. */
#ifndef TG_TRIAL_H
#define TG_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/fault.h"
#include "core/shared_page.h"
#include "core/tally.h"

enum {
    TG_TRIAL_CALLERS_MAX = TG_PAGE_WORKERS_MAX * TG_TALLY_SEATS,
    TG_TRIAL_CLIENTS_MAX = 100 /* of tg_trial_rules: the bound of deploy.trial_clients */
};

struct tg_trial_rules {
    uint64_t calls;         /* fewer say nothing */
    uint64_t clients;       /* of so many addresses must be concerned, or all there are */
    uint64_t error_percent; /* of calls, above which ... */
    uint64_t factor;        /* ... and above so many times what it was before, it is a breach */
};

struct tg_trial_caller {
    uint32_t address; /* a hash */
    uint32_t harmed;  /* that of the first whose call went wrong, when many share a seat */
    uint32_t calls;   /* not 0 */
    uint32_t failures;
    uint32_t timeouts;
};

/* A generation as all workers see it. Zeroes: nobody has added anything. */
struct tg_trial_sample {
    uint32_t workers;      /* that run it */
    uint32_t settled;      /* of those, whose handover is over */
    uint64_t clients;      /* connected */
    uint64_t calls;        /* of the callers */
    uint64_t memory_bytes; /* of the state that takes most */
    uint64_t memory_limit;
    bool has_lost_state; /* a handover has failed */
    uint32_t caller_count;
    struct tg_trial_caller callers[TG_TRIAL_CALLERS_MAX];
};

/* What is remembered of the generation before. */
struct tg_trial_rates {
    double errors; /* weighed, 0 to 1 */
    double timeouts;
    uint64_t memory_bytes;
};

struct tg_trial_rules tg_trial_rules(const struct tg_config *config);

/* Adds what a worker says, if it is about this generation. */
void tg_trial_add(struct tg_trial_sample *sample, const struct tg_tally *tally, uint64_t counter);

void tg_trial_measure(const struct tg_trial_sample *sample, struct tg_trial_rates *rates);

/* Whether it is a breach; *fault then says of what, with the figures. */
bool tg_trial_judge(const struct tg_trial_rules *rules, const struct tg_trial_rates *before,
                    const struct tg_trial_sample *sample, struct tg_fault *fault);

#endif
