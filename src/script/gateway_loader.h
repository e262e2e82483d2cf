/* SPDX-License-Identifier: MIT */
/* Makes a gateway from its bundle: a Lua state of its own, gateway.lua run once, the table it
 * returns checked key by key, handlers copied out, the table frozen.
 * Lives in: a worker, and in whatever only checks. */
#ifndef TG_SCRIPT_GATEWAY_LOADER_H
#define TG_SCRIPT_GATEWAY_LOADER_H

#include "base/err.h"
#include "core/bundle.h"
#include "core/fault.h"
#include "hub/hub.h"

/* The bundle may be freed after the call. The hub is borrowed by the gateway's vm for its life:
 * timers run on the hub's wheel. On failure *gateway is NULL, nothing is held, and the message says
 * file, line or key, and what was expected: TG_ERR_SCRIPT, TG_ERR_INVALID, TG_ERR_NOT_FOUND (no
 * gateway.lua), TG_ERR_NOMEM. */
int tg_gateway_load(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                    struct tg_errmsg *msg);

/* The same with all that is wrong: what the run of gateway.lua ended with, or every fault of the
 * table that it returned. */
int tg_gateway_load_judged(struct tg_hub *hub, const struct tg_bundle *bundle,
                           struct tg_gateway **gateway, struct tg_fault_list *faults);

#endif
