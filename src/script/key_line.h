/* SPDX-License-Identifier: MIT */
/* The line of a gateway's setting in gateway.lua, for messages.
 * Lives in: a worker, and whatever checks. Pure. */
#ifndef TG_SCRIPT_KEY_LINE_H
#define TG_SCRIPT_KEY_LINE_H

#include <stdbool.h>

#include "base/str.h"

struct tg_key_line {
    int line;      /* 0: there is none */
    bool is_exact; /* the key itself stands there */
};

/* path is as messages show it: limits.message_bytes, events."a::b", origins[2]. In this order: the
 * key itself, in the table that the file returns, in the one of the name that it returns, or in a
 * table named like the setting ("events"); the setting that it belongs to; the last return. What a
 * loop or another file puts there is not found. */
struct tg_key_line tg_key_line(struct tg_str source, struct tg_str path);

/* The module's name when the last return is return require "NAME", so that the table is written
 * there; empty: it is not. A view into the source. */
struct tg_str tg_key_line_module(struct tg_str source);

#endif
