/* SPDX-License-Identifier: MIT */
#include "fake_workers.h"

enum { WALL_AHEAD_MS = 1000000 };

static uint64_t mono_ms(void *self)
{
    const struct fake_workers *workers = self;

    return workers->now_ms;
}

static uint64_t wall_ms(void *self)
{
    return mono_ms(self) + WALL_AHEAD_MS;
}

void fake_workers_init(struct fake_workers *workers)
{
    *workers = (struct fake_workers){.now_ms = 5000};
    workers->clock = (struct tg_clock){mono_ms, wall_ms, workers};
    workers->page = tg_page_create(FAKE_WORKERS);
    assert_non_null(workers->page);
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        fake_workers_respawn(workers, i);
    }
}

void fake_workers_fini(struct fake_workers *workers)
{
    tg_page_destroy(workers->page);
}

bool fake_workers_is_alive(void *self, uint32_t worker)
{
    const struct fake_workers *workers = self;

    return workers->list[worker].is_alive;
}

int fake_workers_send(void *self, uint32_t worker, const struct tg_order *order, int fd)
{
    struct fake_workers *workers = self;
    struct fake_worker *one = &workers->list[worker];

    assert_true(one->is_alive);
    if (one->is_full) {
        return TG_ERR_FULL;
    }
    switch (order->kind) {
    case TG_ORDER_PREPARE:
        assert_true(fd >= 0);
        one->order = *order;
        one->prepares++;
        break;
    case TG_ORDER_DROP:
        assert_int_equal(fd, -1);
        one->drops++;
        one->dropped = order->counter;
        break;
    case TG_ORDER_LOOK:
        assert_int_equal(fd, -1);
        one->looks++;
        break;
    case TG_ORDER_PEER:
        fail_msg("deploys know nothing of peers");
    }
    return TG_OK;
}

void fake_workers_vote(struct fake_workers *workers, uint32_t worker, const char *fault)
{
    struct tg_vote *vote = &workers->page->rows[worker].vote;
    struct tg_fault why = {0};

    if (fault) {
        tg_fault_set(&why, TG_FAULT_PREPARE, tg_str_of("gateways/chat/gateway.lua"), 7, "%s",
                     fault);
    }
    tg_vote_cast(vote, workers->list[worker].order.ticket, fault ? TG_VOTE_FAILED : TG_VOTE_READY,
                 fault ? &why : NULL);
}

void fake_workers_vote_all(struct fake_workers *workers)
{
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        if (workers->list[i].is_alive) {
            fake_workers_vote(workers, i, NULL);
        }
    }
}

void fake_workers_kill(struct fake_workers *workers, uint32_t worker)
{
    tg_page_reset_row(workers->page, worker);
    workers->list[worker] = (struct fake_worker){.is_alive = false};
}

void fake_workers_respawn(struct fake_workers *workers, uint32_t worker)
{
    workers->list[worker] = (struct fake_worker){.is_alive = true};
    atomic_store(&workers->page->rows[worker].phase, TG_WORKER_SERVING);
}
