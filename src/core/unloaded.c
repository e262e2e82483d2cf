/* SPDX-License-Identifier: MIT */
#include "core/unloaded.h"

#include "base/check.h"
#include "base/err.h"

const struct tg_gateway_row *tg_unloaded_find(const struct tg_unloaded *unloaded, const char *name,
                                              const char *generation)
{
    uint32_t count = atomic_load_explicit(&unloaded->count, memory_order_acquire);

    for (uint32_t i = 0; i < count && i < TG_GATEWAY_ROWS_MAX; i++) {
        if (tg_gateway_rows_is(&unloaded->rows[i], name, generation)) {
            return &unloaded->rows[i];
        }
    }
    return NULL;
}

int tg_unloaded_add(struct tg_unloaded *unloaded, const struct tg_gateway_row *row)
{
    tg_require(unloaded != NULL);
    uint32_t count = atomic_load(&unloaded->count);

    if (tg_unloaded_find(unloaded, row->name, row->generation)) {
        return TG_ERR_EXISTS;
    }
    if (count == TG_GATEWAY_ROWS_MAX) {
        return TG_ERR_FULL;
    }
    unloaded->rows[count] = *row;
    atomic_store_explicit(&unloaded->count, count + 1, memory_order_release);
    return TG_OK;
}
