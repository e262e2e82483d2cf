/* SPDX-License-Identifier: MIT */
/* The supervisor: makes what its children share, starts them, replaces the dead, ends them all.
 * It runs no Lua, no libwebsockets, no threads: what can go wrong there takes a child down, never
 * this process.
 * Lives in: the process that was started. Owns: page, listening sockets, children. */
#ifndef TG_SUPERVISOR_H
#define TG_SUPERVISOR_H

#include "base/err.h"
#include "core/config.h"

/* Serves until SIGTERM or SIGINT, then drains; a second one hurries. Gives the exit status: 0 when
 * every child left in time and by itself, 1 when not. 1 with a message, and nothing left behind,
 * when it can't start; what a child could not do, that child has logged. */
int tg_supervisor_run(const struct tg_config *config, struct tg_errmsg *msg);

#endif
