/* SPDX-License-Identifier: MIT */
#include "deploy_door.h"

#include <inttypes.h>

#include "base/log.h"

static const char LOG_MODULE[] = "deploy";

static void send_all(const struct tg_deploy_door *door, const struct tg_order *order)
{
    for (uint32_t i = 0; i < door->page->worker_count; i++) {
        if (!door->is_alive(door->self, i)) {
            continue;
        }
        int err = door->send(door->self, i, order, -1);
        /* One that has ended needs nothing; one whose socket is full wakes up anyway. */
        if (err && err != TG_ERR_CLOSED && err != TG_ERR_FULL) {
            TG_LOG_ERROR("worker can't be told", "worker=%" PRIu32 " error=\"%s\"", i + 1,
                         tg_err_text(err));
        }
    }
}

void tg_deploy_door_drop(const struct tg_deploy_door *door, uint32_t slot, uint64_t counter)
{
    struct tg_order order = {.kind = TG_ORDER_DROP, .slot = slot, .counter = counter};

    send_all(door, &order);
}

void tg_deploy_door_wake(const struct tg_deploy_door *door)
{
    struct tg_order order = {.kind = TG_ORDER_LOOK};

    send_all(door, &order);
}

bool tg_deploy_door_is_held(const struct tg_deploy_door *door, uint32_t slot)
{
    for (uint32_t i = 0; i < door->page->worker_count; i++) {
        const struct tg_page_row *row = &door->page->rows[i];
        bool is_starting = atomic_load(&row->phase) == TG_WORKER_STARTING;
        if (door->is_alive(door->self, i) &&
            (is_starting || atomic_load(&row->slots_held) >> slot & 1)) {
            return true;
        }
    }
    return false;
}
