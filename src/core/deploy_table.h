/* SPDX-License-Identifier: MIT */
/* Which generation of each gateway is live: the part of the page that every process agrees by.
 * Lives in: the shared page. The supervisor writes, all read. */
#ifndef TG_CORE_DEPLOY_TABLE_H
#define TG_CORE_DEPLOY_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/fault.h"

/* Slots. A gateway has one, the same in every process, for as long as it exists. */
enum { TG_GATEWAYS_MAX = 64, TG_DEPLOY_NAME_BYTES = 64 };

enum tg_deploy_state {
    TG_DEPLOY_WAITING, /* nothing of it was ever committed */
    TG_DEPLOY_TRIAL,   /* committed, and watched */
    TG_DEPLOY_LIVE,
    TG_DEPLOY_REMOVED, /* its clients are being closed, or it was removed by hand */
    TG_DEPLOY_STATE_COUNT
};

/* A counter tells the generations of a slot apart: 1 is the first, 0 is none. */
struct tg_deploy_row {
    _Atomic uint32_t edition;        /* raised before and after the row is written: odd meanwhile */
    char name[TG_DEPLOY_NAME_BYTES]; /* "": the slot is free */
    _Atomic uint64_t committed;      /* the counter of what every worker is to run; 0: none */
    _Atomic uint64_t proven;         /* of the last one whose trial has ended well */
    _Atomic uint64_t hash;           /* of the committed: tg_deploy_table_hash */
    _Atomic uint32_t state;          /* enum tg_deploy_state */
    _Atomic uint32_t fault;          /* it has a fault that stands: 1 + its step; 0: none */
    _Atomic uint64_t since_ms;       /* wall clock: when the state began */
    _Atomic uint64_t trial_ends_ms;  /* wall clock */
    _Atomic uint64_t deploys;        /* generations that were committed */
    _Atomic uint64_t rollbacks;
    _Atomic uint64_t failures[TG_FAULT_STEP_COUNT]; /* deploys that ended at this step */
};

struct tg_deploy_table {
    _Atomic uint64_t changes; /* raised after a change of committed or proven: workers look */
    _Atomic uint32_t root_fault;
    struct tg_deploy_row rows[TG_GATEWAYS_MAX];
};

/* One moment of a row. */
struct tg_deploy_view {
    char name[TG_DEPLOY_NAME_BYTES];
    char generation[sizeof(((struct tg_bundle *)0)->generation)]; /* "": none is committed */
    uint64_t committed;
    uint64_t proven;
    enum tg_deploy_state state;
    uint64_t since_ms;
    uint64_t trial_ends_ms;
};

/* False: the slot is free. */
bool tg_deploy_table_read(const struct tg_deploy_table *table, uint32_t slot,
                          struct tg_deploy_view *view);

/* 12 hex digits as a number, and back. */
uint64_t tg_deploy_table_hash(const char *generation);
void tg_deploy_table_hash_text(uint64_t hash,
                               char generation[sizeof(((struct tg_bundle *)0)->generation)]);

/* The supervisor alone: binds a free slot to a name, with nothing committed and counts of 0; and
 * frees it, when no worker has anything in it any more. */
void tg_deploy_table_bind(struct tg_deploy_table *table, uint32_t slot, const char *name);
void tg_deploy_table_free(struct tg_deploy_table *table, uint32_t slot);

struct tg_deploy_commit {
    uint64_t counter; /* 0: the gateway is removed */
    uint64_t proven;  /* the same, when it has no trial; else what a breach goes back to */
    uint64_t hash;
    enum tg_deploy_state state;
    uint64_t since_ms; /* wall clock, as trial_ends_ms */
    uint64_t trial_ends_ms;
};

/* The supervisor alone: from the store of the counter on that generation is live. */
void tg_deploy_table_commit(struct tg_deploy_table *table, uint32_t slot,
                            const struct tg_deploy_commit *commit);

/* The supervisor alone: the trial of the committed generation has ended well. */
void tg_deploy_table_prove(struct tg_deploy_table *table, uint32_t slot, uint64_t counter);

#endif
