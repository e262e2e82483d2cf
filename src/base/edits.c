/* SPDX-License-Identifier: MIT */
#include "base/edits.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t tg_edits(struct tg_str a, struct tg_str b)
{
    /* Three rows of the table: the one being made and the two above it. */
    uint32_t rows[3][TG_EDITS_WORD_MAX + 1];

    if (a.length > TG_EDITS_WORD_MAX || b.length > TG_EDITS_WORD_MAX) {
        return UINT32_MAX;
    }
    for (uint32_t j = 0; j <= b.length; j++) {
        rows[0][j] = j;
    }
    for (uint32_t i = 1; i <= a.length; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *higher = rows[(i + 1) % 3];
        row[0] = i;
        for (uint32_t j = 1; j <= b.length; j++) {
            uint32_t change = a.at[i - 1] == b.at[j - 1] ? 0 : 1;
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1]) {
                row[j] = least(row[j], higher[j - 2] + 1);
            }
        }
    }
    return rows[a.length % 3][b.length];
}
