/* SPDX-License-Identifier: MIT */
#include "culprits.h"

#include <string.h>

static uint64_t last_ms(const struct tg_culprit *culprit)
{
    return culprit->died_ms[(culprit->next + TG_CULPRITS_DEATHS - 1) % TG_CULPRITS_DEATHS];
}

static struct tg_culprit *find(struct tg_culprits *culprits, const struct tg_gateway_row *gateway)
{
    struct tg_culprit *oldest = &culprits->rows[0];

    for (uint32_t i = 0; i < culprits->count; i++) {
        struct tg_culprit *row = &culprits->rows[i];
        if (tg_gateway_rows_is(gateway, row->name, row->generation)) {
            return row;
        }
        if (last_ms(row) < last_ms(oldest)) {
            oldest = row;
        }
    }
    if (culprits->count < TG_CULPRITS_MAX) {
        oldest = &culprits->rows[culprits->count++];
    }
    *oldest = (struct tg_culprit){.next = 0};
    memcpy(oldest->name, gateway->name, sizeof(oldest->name));
    memcpy(oldest->generation, gateway->generation, sizeof(oldest->generation));
    return oldest;
}

bool tg_culprits_add(struct tg_culprits *culprits, const struct tg_gateway_row *gateway,
                     uint64_t now_ms)
{
    struct tg_culprit *culprit = find(culprits, gateway);

    culprit->died_ms[culprit->next] = now_ms;
    culprit->next = (culprit->next + 1) % TG_CULPRITS_DEATHS;
    uint64_t first_ms = culprit->died_ms[culprit->next];
    return first_ms > 0 && now_ms - first_ms < TG_CULPRITS_MS;
}
