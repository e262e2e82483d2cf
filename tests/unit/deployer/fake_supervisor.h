/* SPDX-License-Identifier: MIT */
/* A deployer in a process of its own over real folders; the test is its supervisor.
 * Lives in: the unit tests of this folder. */
#ifndef TG_FAKE_SUPERVISOR_H
#define TG_FAKE_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/bundle.h"
#include "core/config.h"
#include "core/deploy_link.h"
#include "core/shared_page.h"
#include "fake_disk.h"

enum { FAKE_SUPERVISOR_PATIENCE_MS = 20000, FAKE_SUPERVISOR_QUIET_MS = 500 };

struct fake_supervisor {
    struct fake_disk disk; /* root/ holds chat/ and echo/ */
    struct tg_config config;
    struct tg_page *page;
    int control;
    pid_t child; /* 0: it has been waited for */
    uint64_t counter;
    struct tg_deploy_note note; /* the last */
    struct tg_bundle bundle;    /* of the last candidate */
};

void fake_supervisor_write_gateway(const struct fake_supervisor *f, const char *name,
                                   const char *more);
void fake_supervisor_make_gateway(const struct fake_supervisor *f, const char *name);
void fake_supervisor_move(const struct fake_supervisor *f, const char *from, const char *to);
/* As the supervisor and a worker do it: what stands in the folder is live. */
void fake_supervisor_commit(struct fake_supervisor *f, const char *name);

int fake_supervisor_set_up(void **state);
void fake_supervisor_give_root(struct fake_supervisor *f, const char *below);
void fake_supervisor_start(struct fake_supervisor *f);
int fake_supervisor_wait_for_end(struct fake_supervisor *f);
int fake_supervisor_tear_down(void **state);
/* Takes the next note into f->note, and a candidate's bundle into f->bundle. False: none came. */
bool fake_supervisor_take(struct fake_supervisor *f, int patience_ms);

void fake_supervisor_expect(struct fake_supervisor *f, enum tg_deploy_note_kind kind,
                            const char *name);
/* Of chat and echo, in any order: each comes to rest in its own time. */
void fake_supervisor_expect_both(struct fake_supervisor *f, enum tg_deploy_note_kind of_chat,
                                 enum tg_deploy_note_kind of_echo);

void fake_supervisor_expect_quiet(struct fake_supervisor *f);
void fake_supervisor_expect_root(struct fake_supervisor *f, const char *text);
/* Both gateways, and what else was committed, are live: nothing is wrong with them, it tells. */
void fake_supervisor_start_with_both_live(struct fake_supervisor *f);

void fake_supervisor_ask(struct fake_supervisor *f, uint64_t sequence);
void fake_supervisor_expect_scanned(struct fake_supervisor *f, uint64_t sequence);

#endif
