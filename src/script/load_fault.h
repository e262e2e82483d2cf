/* SPDX-License-Identifier: MIT */
/* What Lua says of a gateway that does not load, as a fault.
 * Lives in: a worker, and whatever checks. Pure. */
#ifndef TG_SCRIPT_LOAD_FAULT_H
#define TG_SCRIPT_LOAD_FAULT_H

#include "core/bundle.h"
#include "core/fault.h"

/* What LuaJIT says when memory ends; the status is lost when the error is passed on. */
extern const char tg_load_fault_memory[];

/* A fault of the bundle's file at path, in no certain line. */
void tg_load_fault_at(struct tg_fault *fault, const struct tg_bundle *bundle, const char *path,
                      const char *text);

/* From the message of an error: "FILE:LINE: text". LuaJIT shows the last 56 octets of a long file
 * name; the bundle tells which one it is. "(did you mean 'x'?)" at the end becomes the hint. */
void tg_load_fault_read(struct tg_fault *fault, const struct tg_bundle *bundle,
                        struct tg_str message);

/* The name X in a text that says "global 'X' (a nil value)"; empty: it says nothing of the kind. */
struct tg_str tg_load_fault_global(struct tg_str text);

#endif
