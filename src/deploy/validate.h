/* SPDX-License-Identifier: MIT */
/* Judges a gateway's content before anybody is served by it: a throw-away child compiles every
 * file, loads it, freezes its table and runs its selftest, as a worker would and under the same
 * limits. Whatever the code does, the child alone suffers, and its end, by a signal or a limit, is
 * a fault like any other. Lives in: the supervisor at its start and tidegate check, which wait for
 * the verdict; the deployer, which watches the descriptor. Owns: the child. Borrows: configuration
 * and bundle, until the end. */
#ifndef TG_DEPLOY_VALIDATE_H
#define TG_DEPLOY_VALIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/bundle.h"
#include "core/config.h"
#include "core/fault.h"

struct tg_validate; /* opaque */

/* Another gateway that serves: the new one may not be at its path. */
struct tg_validate_other {
    const char *name;
    const char *path;
};

struct tg_validate_options {
    const struct tg_config *config;
    const struct tg_bundle *bundle;
    const struct tg_validate_other *others; /* needed while it starts, no longer */
    uint32_t other_count;
    bool is_partial; /* not all of the folder could be read: what was is compiled, and not run */
};

/* Forks. TG_ERR_NOMEM, TG_ERR_IO. */
int tg_validate_start(const struct tg_validate_options *options, struct tg_validate **started,
                      struct tg_errmsg *msg);

/* When this descriptor is readable, or the time (monotonic) has come, a step is due. */
int tg_validate_fd(const struct tg_validate *validate);
uint64_t tg_validate_due_ms(const struct tg_validate *validate);

/* TG_ERR_INCOMPLETE: it goes on, and the list is as before. 0: the content is sound.
 * TG_ERR_INVALID: it is not, and the faults added to the list say why. Any other error: the machine
 * could not judge it, which says nothing about the content. */
int tg_validate_step(struct tg_validate *validate, struct tg_fault_list *faults,
                     struct tg_errmsg *msg);

/* Waits for the verdict, and steps until then. */
int tg_validate_wait(struct tg_validate *validate, struct tg_fault_list *faults,
                     struct tg_errmsg *msg);

/* Where the gateway will be reached; "": its table was never read so far. */
const char *tg_validate_path(const struct tg_validate *validate);

/* After TG_ERR_INVALID: whether one of the others was in its way, which may be over when that one
 * has changed. */
bool tg_validate_is_path_taken(const struct tg_validate *validate);

/* Ends the child if it still runs, and frees. Accepts NULL. */
void tg_validate_end(struct tg_validate *validate);

#endif
