/* SPDX-License-Identifier: MIT */
/* The line of a gateway's setting in gateway.lua, for messages.
 * Lives in: a worker, and whatever checks. Pure. */
#ifndef TG_SCRIPT_KEY_LINE_H
#define TG_SCRIPT_KEY_LINE_H

#include "base/str.h"

/* path is as messages show it: limits.message_bytes, events."a::b", origins[2]. In this order: the
 * key itself, in the table that the file returns, in the one of the name that it returns, or in a
 * table named like the setting ("events"); the setting that it belongs to; the last return. 0 when
 * there is none of these. What a loop or another file puts there is not found. */
int tg_key_line(struct tg_str source, struct tg_str path);

#endif
