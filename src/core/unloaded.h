/* SPDX-License-Identifier: MIT */
/* The generations of gateways that may not run any more, because too many workers died in their
 * code.
 * Lives in: the shared page; the supervisor writes, workers read. */
#ifndef TG_CORE_UNLOADED_H
#define TG_CORE_UNLOADED_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/gateway_rows.h"

/* It only grows: rows below count don't change any more. */
struct tg_unloaded {
    _Atomic uint32_t count;
    struct tg_gateway_row rows[TG_GATEWAY_ROWS_MAX];
};

/* The row of that generation; NULL: it is not unloaded. */
const struct tg_gateway_row *tg_unloaded_find(const struct tg_unloaded *unloaded, const char *name,
                                              const char *generation);

/* Only in the supervisor. TG_ERR_FULL, TG_ERR_EXISTS. */
int tg_unloaded_add(struct tg_unloaded *unloaded, const struct tg_gateway_row *row);

#endif
