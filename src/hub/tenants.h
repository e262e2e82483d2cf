/* SPDX-License-Identifier: MIT */
/* The registry of tenants, changed while the server runs. Without a tenants file (tenants.file)
 * every well-formed id is an active tenant; with one only those in it are, and until the first
 * version of it has come nobody is.
 * Lives in: a worker. Owns: nothing; the table is the hub's. */
#ifndef TG_HUB_TENANTS_H
#define TG_HUB_TENANTS_H

#include "base/err.h"
#include "base/str.h"

struct tg_hub;

enum { TG_TENANTS_MAX = 100000, TG_TENANT_NAME_MAX = 256 };

enum tg_tenant_state { TG_TENANT_UNKNOWN, TG_TENANT_ACTIVE, TG_TENANT_SUSPENDED };

/* Takes over a new version of the registry, lines of "id TAB active|suspended TAB display name LF";
 * the name is UTF-8 without control octets, empty when there is none. Sockets of tenants that are
 * suspended, or not in it any more, are closed in the turns that follow (hub/recheck.h). The
 * errors of tg_line_table_create; what was there before stays then. */
int tg_hub_set_tenants(struct tg_hub *hub, struct tg_str text, struct tg_errmsg *msg);

enum tg_tenant_state tg_tenants_state(const struct tg_hub *hub, struct tg_str id);

/* The display name, or the id when it has none: a view that lasts until the next version. */
struct tg_str tg_tenants_name(const struct tg_hub *hub, struct tg_str id);

#endif
