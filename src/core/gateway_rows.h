/* SPDX-License-Identifier: MIT */
/* The generations of gateways that a worker holds, so that the supervisor can tell whose code it
 * died in.
 * Lives in: the shared page. */
#ifndef TG_CORE_GATEWAY_ROWS_H
#define TG_CORE_GATEWAY_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"

enum {
    /* Of each gateway one that is live, one before it, a new one, and one that ends. */
    TG_GATEWAY_ROWS_MAX = 256,
    TG_GATEWAY_ROW_PATH_MAX = 1024
};

struct tg_gateway_row {
    char name[64]; /* "": free */
    char generation[sizeof(((struct tg_bundle *)0)->generation)];
    char path[TG_GATEWAY_ROW_PATH_MAX + 1]; /* "": not known yet */
};

/* What a worker holds. Written by it alone, between calls into scripts; read by the supervisor
 * when it has died. */
struct tg_gateway_rows {
    struct tg_gateway_row rows[TG_GATEWAY_ROWS_MAX];
};

/* The index of a row for this generation, which is its own until it is given back; -1: none is
 * free. */
int tg_gateway_rows_take(struct tg_gateway_rows *rows, const char *name, const char *generation);
void tg_gateway_rows_give(struct tg_gateway_rows *rows, int index);

/* A longer path stays unknown. */
void tg_gateway_rows_set_path(struct tg_gateway_rows *rows, int index, const char *path);

bool tg_gateway_rows_is(const struct tg_gateway_row *row, const char *name, const char *generation);

#endif
