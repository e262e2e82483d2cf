/* SPDX-License-Identifier: MIT */
/* Workers that live in the page alone, with a clock that the test turns: what the supervisor sends
 * them is noted, and they vote when the test says so. */
#ifndef TG_TEST_FAKE_WORKERS_H
#define TG_TEST_FAKE_WORKERS_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/shared_page.h"
#include "core/worker_link.h"

enum { FAKE_WORKERS = 3 };

struct fake_worker {
    bool is_alive;
    bool is_full;          /* its socket takes nothing */
    struct tg_order order; /* the last PREPARE, slot and ticket 0: none */
    uint32_t prepares;
    uint32_t drops;
    uint64_t dropped; /* the counter of the last DROP */
    uint32_t looks;
};

struct fake_workers {
    struct tg_page *page;
    struct tg_clock clock;
    uint64_t now_ms; /* the wall clock is a million ahead */
    struct fake_worker list[FAKE_WORKERS];
};

/* All live and serve. */
void fake_workers_init(struct fake_workers *workers);
void fake_workers_fini(struct fake_workers *workers);

/* struct tg_deploy_door's two, with the workers as self. */
bool fake_workers_is_alive(void *self, uint32_t worker);
int fake_workers_send(void *self, uint32_t worker, const struct tg_order *order, int fd);

/* The worker has prepared what it was sent last, or says why not. */
void fake_workers_vote(struct fake_workers *workers, uint32_t worker, const char *fault);
void fake_workers_vote_all(struct fake_workers *workers);

void fake_workers_kill(struct fake_workers *workers, uint32_t worker);
void fake_workers_respawn(struct fake_workers *workers, uint32_t worker);

#endif
