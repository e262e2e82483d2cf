/* SPDX-License-Identifier: MIT */
/* What the parts of the deployer share.
 * Lives in: the deployer. */
#ifndef TG_DEPLOYER_DEPLOYER_STATE_H
#define TG_DEPLOYER_DEPLOYER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/deploy_link.h"
#include "deploy/validate.h"
#include "deployer/deployer.h"
#include "deployer/live.h"
#include "deployer/roster.h"
#include "deployer/watches.h"

struct tg_deployer {
    const struct tg_deployer_options *options;
    struct tg_roster roster;
    struct tg_live live;        /* as it was when the pass or the judgement began */
    struct tg_watches *watches; /* NULL: none, or the kernel refused */
    int signals;                /* signalfd */
    int status;                 /* to exit with */
    bool is_done;

    /* passes */
    bool is_dirty;      /* something was heard since the last one */
    bool is_polling;    /* the kernel doesn't tell all: told in the log once */
    uint64_t passed_ms; /* when the last one ended; 0: there was none */
    uint64_t pass_took_ms;
    uint64_t root_looked_ms;
    dev_t root_device; /* of the root as it was in the last pass */
    ino_t root_inode;
    bool has_told_root;
    char root_fault[TG_FAULT_TEXT_BYTES]; /* as told */

    /* a SCAN */
    bool is_asked;         /* to look, and to answer */
    bool is_answered_next; /* the pass that it asked for is done */
    uint64_t sequence;

    /* a judgement, one at a time */
    struct tg_validate *validate;  /* NULL: none runs */
    struct tg_roster_row *judging; /* NULL: its folder has gone meanwhile */
    struct tg_bundle bundle;
    uint64_t judged_changes; /* of the page, before live paths were read for it */
    uint64_t changes;        /* of the page, when rows whose path was taken were looked at last */
};

/* Monotonic. */
uint64_t tg_deployer_now_ms(void);

/* "ROOT/NAME". False: too long. */
bool tg_deployer_path(const struct tg_deployer *deployer, const char *name, char *out, size_t size);

#endif
