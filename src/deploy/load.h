/* SPDX-License-Identifier: MIT */
/* From a bundle to a gateway, unless its code may not run any more (core/unloaded.h).
 * Lives in: a worker, the test kit. */
#ifndef TG_DEPLOY_LOAD_H
#define TG_DEPLOY_LOAD_H

#include "base/err.h"
#include "hub/hub.h"

/* Makes a gateway of the bundle, the caller's; one that was unloaded comes as it is then,
 * unavailable. TG_ERR_UNAVAILABLE: it was before its path was known. Else the errors of
 * tg_gateway_load. */
int tg_load_bundle(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                   struct tg_errmsg *msg);

#endif
