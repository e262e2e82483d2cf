/* SPDX-License-Identifier: MIT */
/* From a folder to a gateway that the hub serves: read, load, add. One way for workers and for
 * tidegate check, so that what the one says is what the other does.
 * Lives in: a worker, a child of tidegate check. */
#ifndef TG_DEPLOY_LOAD_H
#define TG_DEPLOY_LOAD_H

#include "base/err.h"
#include "hub/hub.h"

/* Makes a gateway of the bundle, the caller's; one that was unloaded comes as it is then,
 * unavailable. TG_ERR_UNAVAILABLE: it was before its path was known. Else the errors of
 * tg_gateway_load. */
int tg_load_bundle(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                   struct tg_errmsg *msg);

/* Loads the folder; *gateway is then the hub's. TG_ERR_UNAVAILABLE: it was unloaded before
 * its path was known. TG_ERR_* with a message that names the folder or
 * the file in it; the hub is as before then. */
int tg_load_folder(struct tg_hub *hub, const char *path, const struct tg_gateway **gateway,
                   struct tg_errmsg *msg);

/* Loads every gateway folder of the root and logs each. TG_ERR_NOT_FOUND when there is none; what
 * was loaded before an error stays the hub's. */
int tg_load_root(struct tg_hub *hub, const char *root, struct tg_errmsg *msg);

#endif
