/* SPDX-License-Identifier: MIT */
#include "core/deploy_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"

/* A writer that the kernel has set aside in the midst of a row needs time, not more tries. */
enum { READS_MAX = 1000, READS_AT_ONCE = 900, PAUSE_NS = 1000000 };

_Static_assert(TG_GATEWAYS_MAX <= 64, "a worker's slots are the bits of one word");

static void begin_write(struct tg_deploy_row *row)
{
    atomic_fetch_add(&row->edition, 1);
    atomic_thread_fence(memory_order_release);
}

static void end_write(struct tg_deploy_row *row)
{
    atomic_fetch_add_explicit(&row->edition, 1, memory_order_release);
}

static void copy(const struct tg_deploy_row *row, struct tg_deploy_view *view)
{
    memcpy(view->name, row->name, sizeof(view->name));
    view->committed = atomic_load(&row->committed);
    view->proven = atomic_load(&row->proven);
    view->state = (enum tg_deploy_state)atomic_load(&row->state);
    view->since_ms = atomic_load(&row->since_ms);
    view->trial_ends_ms = atomic_load(&row->trial_ends_ms);
    view->generation[0] = '\0';
    if (view->committed > 0) {
        tg_deploy_table_hash_text(atomic_load(&row->hash), view->generation);
    }
}

bool tg_deploy_table_read(const struct tg_deploy_table *table, uint32_t slot,
                          struct tg_deploy_view *view)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    const struct tg_deploy_row *row = &table->rows[slot];

    for (int i = 0; i < READS_MAX; i++) {
        const struct timespec pause = {.tv_nsec = i < READS_AT_ONCE ? 0 : PAUSE_NS};
        if (pause.tv_nsec > 0) {
            (void)nanosleep(&pause, NULL);
        }
        uint32_t edition = atomic_load_explicit(&row->edition, memory_order_acquire);
        copy(row, view);
        atomic_thread_fence(memory_order_acquire);
        if (edition % 2 == 0 &&
            atomic_load_explicit(&row->edition, memory_order_relaxed) == edition) {
            return view->name[0] != '\0';
        }
    }
    return false; /* the writer has died in the midst of it */
}

uint64_t tg_deploy_table_hash(const char *generation)
{
    return strtoull(generation, NULL, 16);
}

void tg_deploy_table_hash_text(uint64_t hash,
                               char generation[sizeof(((struct tg_bundle *)0)->generation)])
{
    (void)snprintf(generation, sizeof(((struct tg_bundle *)0)->generation), "%012" PRIx64,
                   hash & 0xffffffffffff);
}

void tg_deploy_table_bind(struct tg_deploy_table *table, uint32_t slot, const char *name)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    struct tg_deploy_row *row = &table->rows[slot];

    begin_write(row);
    atomic_store(&row->committed, 0);
    atomic_store(&row->proven, 0);
    atomic_store(&row->state, TG_DEPLOY_WAITING);
    atomic_store(&row->fault, 0);
    atomic_store(&row->since_ms, 0);
    atomic_store(&row->trial_ends_ms, 0);
    atomic_store(&row->deploys, 0);
    atomic_store(&row->rollbacks, 0);
    for (int i = 0; i < TG_FAULT_STEP_COUNT; i++) {
        atomic_store(&row->failures[i], 0);
    }
    (void)snprintf(row->name, sizeof(row->name), "%s", name);
    end_write(row);
}

void tg_deploy_table_free(struct tg_deploy_table *table, uint32_t slot)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    struct tg_deploy_row *row = &table->rows[slot];

    begin_write(row);
    row->name[0] = '\0';
    atomic_store(&row->fault, 0);
    end_write(row);
}

void tg_deploy_table_commit(struct tg_deploy_table *table, uint32_t slot,
                            const struct tg_deploy_commit *commit)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    struct tg_deploy_row *row = &table->rows[slot];

    begin_write(row);
    atomic_store(&row->hash, commit->hash);
    atomic_store(&row->proven, commit->proven);
    atomic_store(&row->state, (uint32_t)commit->state);
    atomic_store(&row->since_ms, commit->since_ms);
    atomic_store(&row->trial_ends_ms, commit->trial_ends_ms);
    /* This is the one that decides. */
    atomic_store(&row->committed, commit->counter);
    end_write(row);
    atomic_fetch_add(&table->changes, 1);
}

void tg_deploy_table_prove(struct tg_deploy_table *table, uint32_t slot, uint64_t counter)
{
    tg_require(slot < TG_GATEWAYS_MAX);
    struct tg_deploy_row *row = &table->rows[slot];

    begin_write(row);
    atomic_store(&row->proven, counter);
    atomic_store(&row->state, TG_DEPLOY_LIVE);
    atomic_store(&row->trial_ends_ms, 0);
    end_write(row);
    atomic_fetch_add(&table->changes, 1);
}
