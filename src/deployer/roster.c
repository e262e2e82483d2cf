/* SPDX-License-Identifier: MIT */
#include "deployer/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"

static void free_row(struct tg_roster_row *row)
{
    free(row->name);
    free(row);
}

void tg_roster_fini(struct tg_roster *roster)
{
    for (uint32_t i = 0; i < roster->count; i++) {
        free_row(roster->rows[i]);
    }
    free(roster->rows);
    *roster = (struct tg_roster){.count = 0};
}

struct tg_roster_row *tg_roster_find(const struct tg_roster *roster, const char *name)
{
    for (uint32_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->rows[i]->name, name) == 0) {
            return roster->rows[i];
        }
    }
    return NULL;
}

struct tg_roster_row *tg_roster_need(struct tg_roster *roster, const char *name)
{
    struct tg_roster_row *row = tg_roster_find(roster, name);

    if (row || roster->count == TG_ROSTER_MAX) {
        return row;
    }
    struct tg_roster_row **grown =
        realloc(roster->rows, (roster->count + 1) * sizeof(struct tg_roster_row *));
    if (!grown) {
        return NULL;
    }
    roster->rows = grown;
    row = calloc(1, sizeof(*row));
    if (!row) {
        return NULL;
    }
    row->name = tg_str_copy(tg_str_of(name));
    if (!row->name) {
        free(row);
        return NULL;
    }
    row->owner = tg_hash(name, strlen(name)) | 1;
    grown[roster->count++] = row;
    return row;
}

void tg_roster_forget(struct tg_roster *roster, uint32_t index)
{
    free_row(roster->rows[index]);
    roster->rows[index] = roster->rows[--roster->count];
}
