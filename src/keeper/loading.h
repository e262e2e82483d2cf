/* SPDX-License-Identifier: MIT */
/* A source being read by a child: files that others write, Lua and what comes over the network are
 * looked at where they can take nothing down, under limits.
 * Lives in: the keeper, which goes on meanwhile; the supervisor, which waits. */
#ifndef TG_KEEPER_LOADING_H
#define TG_KEEPER_LOADING_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "keeper/source.h"

struct tg_loading; /* opaque */

/* Starts a child. source is borrowed until the end. NULL with a message. */
struct tg_loading *tg_loading_start(const struct tg_source *source, struct tg_errmsg *msg);

/* When this descriptor is readable, or the time (monotonic) has come, a step is due. */
int tg_loading_fd(const struct tg_loading *loading);
uint64_t tg_loading_due_ms(const struct tg_loading *loading);

/* TG_ERR_INCOMPLETE: it goes on. 0: *text, valid until the end, is the whole document. Else it has
 * failed, and the message says why. */
int tg_loading_step(struct tg_loading *loading, struct tg_str *text, struct tg_errmsg *msg);

/* Ends the child if it still runs. Accepts NULL. */
void tg_loading_end(struct tg_loading *loading);

/* Starts one and steps until it is over, which its deadline bounds; *loading, to be ended by the
 * caller, holds the text. */
int tg_loading_run(const struct tg_source *source, struct tg_loading **loading, struct tg_str *text,
                   struct tg_errmsg *msg);

#endif
