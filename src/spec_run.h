/* SPDX-License-Identifier: MIT */
/* Runs the specs of gateway folders: busted under LuaJIT, a process per folder, with the paths set
 * so that specs find the kit and the folder's own modules.
 * Lives in: the process that was started. */
#ifndef TG_SPEC_RUN_H
#define TG_SPEC_RUN_H

#include "base/err.h"
#include "spec_options.h"

/* Runs them, side by side when they are several, and writes what they wrote, folder by folder; when
 * watching, again and again until a signal ends the process. The highest exit status of busted's,
 * or -1 with a message when it can't be run. */
int tg_spec_run(const struct tg_spec_options *options, const char *gateways, struct tg_errmsg *msg);

#endif
