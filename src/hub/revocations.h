/* SPDX-License-Identifier: MIT */
/* What was revoked: tokens by their jti, and whole subjects and tenants. Whoever bears one is not
 * let in, and who is in is closed.
 * Lives in: a worker. Owns: nothing; the table is the hub's. */
#ifndef TG_HUB_REVOCATIONS_H
#define TG_HUB_REVOCATIONS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct tg_hub;

enum { TG_REVOCATIONS_MAX = 100000, TG_REVOCATION_VALUE_MAX = 128 };

/* What a connection bears; empty: it has none. */
struct tg_bearer {
    struct tg_str jti;
    struct tg_str sub;
    struct tg_str tenant;
};

/* Takes over a new version: lines of "jti|sub|tenant BLANK value LF", a value 1 to
 * TG_REVOCATION_VALUE_MAX octets. Sockets that bear one are closed in the turns that follow
 * (hub/recheck.h). The errors of tg_line_table_create; what was there before stays then. */
int tg_hub_set_revocations(struct tg_hub *hub, struct tg_str text, struct tg_errmsg *msg);

bool tg_revocations_hit(const struct tg_hub *hub, const struct tg_bearer *bearer);

#endif
