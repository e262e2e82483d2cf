/* SPDX-License-Identifier: MIT */
/* One generation on its way into all workers: each that lives is sent its files, and says in its
 * row of the page when it stands ready. One that dies has no vote; one that starts meanwhile is
 * sent them too.
 * Lives in: the supervisor. Borrows: the file. Times are monotonic milliseconds. */
#ifndef TG_DEPLOY_ROUND_H
#define TG_DEPLOY_ROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/shared_page.h"
#include "deploy_door.h"

struct tg_deploy_round {
    bool is_on;
    bool is_rollback; /* it is committed even where workers failed: who can't follow is replaced,
                         but where its path is taken nobody could */
    uint32_t slot;
    uint64_t counter;
    uint64_t ticket; /* in the order and in the votes about it; no two rounds have the same */
    int fd;          /* the sealed file */
    uint64_t deadline_ms;
    bool is_told[TG_PAGE_WORKERS_MAX];
};

enum tg_deploy_round_state {
    TG_ROUND_WAITS,
    TG_ROUND_READY, /* every living worker is */
    TG_ROUND_FAILED /* one said so, or the deadline has passed; the fault says which */
};

/* Sends what is still to be sent, and counts the votes. Without any living worker it waits, a
 * rollback excepted. */
enum tg_deploy_round_state tg_deploy_round_step(struct tg_deploy_round *round,
                                                const struct tg_deploy_door *door, uint64_t now_ms,
                                                struct tg_fault *fault);

/* It is off: whoever was sent the files is told to drop them. */
void tg_deploy_round_drop(struct tg_deploy_round *round, const struct tg_deploy_door *door);

/* The worker has ended: its successor knows nothing. */
void tg_deploy_round_lose(struct tg_deploy_round *round, uint32_t worker);

#endif
