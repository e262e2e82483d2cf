/* SPDX-License-Identifier: MIT */
/* Runs a gateway's own selftest, once, after it was loaded and frozen and before it serves anybody.
 * Lives in: the child that validates a gateway, and the test kit. */
#ifndef TG_SCRIPT_SELFTEST_H
#define TG_SCRIPT_SELFTEST_H

#include "base/err.h"

struct tg_gateway; /* hub/gateway.h */

/* 0 too when the gateway has none. It fails when it raises, returns false, or nil and a reason,
 * with the budget of loading, without a coroutine to suspend: TG_ERR_SCRIPT, TG_ERR_TIMEOUT (it
 * used up the budget), TG_ERR_NOMEM, with a message that begins with file and line. */
int tg_selftest_run(struct tg_gateway *gateway, struct tg_errmsg *msg);

#endif
