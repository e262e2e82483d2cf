/* SPDX-License-Identifier: MIT */
/* How deploys reach the workers: which live, what they are sent, what they still hold.
 * Lives in: the supervisor. */
#ifndef TG_DEPLOY_DOOR_H
#define TG_DEPLOY_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/shared_page.h"
#include "core/worker_link.h"

struct tg_deploy_door {
    const struct tg_page *page;
    bool (*is_alive)(void *self, uint32_t worker);
    /* As tg_worker_link_send. */
    int (*send)(void *self, uint32_t worker, const struct tg_order *order, int fd);
    void *self;
};

/* What was to be prepared is off. */
void tg_deploy_door_drop(const struct tg_deploy_door *door, uint32_t slot, uint64_t counter);

/* Wakes every living worker, so that it looks at the page. */
void tg_deploy_door_wake(const struct tg_deploy_door *door);

/* Whether a living worker has anything of the slot, or may be about to: while it starts, it loads
 * what it was given at its fork. */
bool tg_deploy_door_is_held(const struct tg_deploy_door *door, uint32_t slot);

#endif
