/* SPDX-License-Identifier: MIT */
#include "core/gateway_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

int tg_gateway_rows_take(struct tg_gateway_rows *rows, const char *name, const char *generation)
{
    for (int i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
        struct tg_gateway_row *row = &rows->rows[i];
        if (row->name[0] == '\0') {
            (void)snprintf(row->name, sizeof(row->name), "%s", name);
            (void)snprintf(row->generation, sizeof(row->generation), "%s", generation);
            row->path[0] = '\0';
            return i;
        }
    }
    return -1;
}

void tg_gateway_rows_give(struct tg_gateway_rows *rows, int index)
{
    tg_require(index >= 0 && index < TG_GATEWAY_ROWS_MAX);
    rows->rows[index].name[0] = '\0';
}

void tg_gateway_rows_set_path(struct tg_gateway_rows *rows, int index, const char *path)
{
    size_t length = strlen(path);

    tg_require(index >= 0 && index < TG_GATEWAY_ROWS_MAX);
    if (length <= TG_GATEWAY_ROW_PATH_MAX) {
        memcpy(rows->rows[index].path, path, length + 1);
    }
}

bool tg_gateway_rows_is(const struct tg_gateway_row *row, const char *name, const char *generation)
{
    return strcmp(row->name, name) == 0 && strcmp(row->generation, generation) == 0;
}
