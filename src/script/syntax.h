/* SPDX-License-Identifier: MIT */
/* Whether a gateway's files are Lua at all, those too that nothing requires yet.
 * Lives in: a throw-away child. Holds nothing after the call. */
#ifndef TG_SCRIPT_SYNTAX_H
#define TG_SCRIPT_SYNTAX_H

#include <stddef.h>

#include "core/bundle.h"
#include "core/fault.h"

/* Compiles every file, each in a state of its own of at most memory_bytes, and adds to faults what
 * is wrong: the first error of each file, bytecode, literals of LuaJIT's FFI. Nothing is run. */
void tg_syntax_check(const struct tg_bundle *bundle, size_t memory_bytes,
                     struct tg_fault_list *faults);

#endif
