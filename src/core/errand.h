/* SPDX-License-Identifier: MIT */
/* A short-lived child that does one thing under limits and sends records home: where Lua is to be
 * run on behalf of a process that has none.
 * Lives in: the supervisor and tidegate check, which block until the child has ended; the keeper,
 * which watches its pipe. The deadline bounds both. */
#ifndef TG_CORE_ERRAND_H
#define TG_CORE_ERRAND_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_ERRAND_RECORD_MAX = 16384, TG_ERRAND_RECORDS_MAX = 16384 };

struct tg_errand_options {
    uint32_t cpu_seconds;
    uint64_t memory_bytes; /* of address space; 0: no limit of its own */
    uint32_t deadline_ms;  /* of wall time */

    /* In the child: does the work, sends records to home. What it returns is the exit status. */
    int (*run)(void *self, int home);

    /* In the parent, per record: 0, or an error that ends the errand with the message it set. */
    int (*on_record)(void *self, struct tg_str record, struct tg_errmsg *msg);
    void *self;
};

/* Forks, runs, waits. 0 when the child left with status 0 and every record was taken; else what
 * on_record returned, or with a message of what became of the child: TG_ERR_TIMEOUT (either limit
 * of time), TG_ERR_SCRIPT (it died, or left with another status), TG_ERR_TOO_LARGE (it sent too
 * much), TG_ERR_IO. No child is left behind. */
int tg_errand_run(const struct tg_errand_options *options, struct tg_errmsg *msg);

/* The same in steps, for who has more to wait for: forks. TG_ERR_NOMEM, TG_ERR_IO. */
struct tg_errand; /* opaque */
int tg_errand_start(const struct tg_errand_options *options, struct tg_errand **started,
                    struct tg_errmsg *msg);

/* When this descriptor is readable, or the time (monotonic) has come, a step is due. */
int tg_errand_fd(const struct tg_errand *errand);
uint64_t tg_errand_due_ms(const struct tg_errand *errand);

/* Takes the records there are. TG_ERR_INCOMPLETE: it goes on; else it is over, as tg_errand_run
 * would say. */
int tg_errand_step(struct tg_errand *errand, struct tg_errmsg *msg);

/* Ends the child if it still runs, and frees. Accepts NULL. */
void tg_errand_end(struct tg_errand *errand);

/* In the child: sends one record of at most TG_ERRAND_RECORD_MAX octets. TG_ERR_TOO_LARGE, or
 * TG_ERR_IO when nobody listens any more. */
int tg_errand_send(int home, struct tg_str record);

#endif
