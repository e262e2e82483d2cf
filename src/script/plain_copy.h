/* SPDX-License-Identifier: MIT */
/* Plain data: what can be carried from one state to another as JSON. Of a table that is more, a
 * copy is made without what is not, which is named by its key path. Lives in: a worker, the test
 * kit. */
#ifndef TG_SCRIPT_PLAIN_COPY_H
#define TG_SCRIPT_PLAIN_COPY_H

#include <stdint.h>

#include <lua.h>

enum { TG_PLAIN_PATH_BYTES = 256, TG_PLAIN_WHY_BYTES = 64, TG_PLAIN_NODES_MAX = 16384 };

/* What was left out. */
struct tg_plain_faults {
    char path[TG_PLAIN_PATH_BYTES]; /* of the first: "client.state.list[2].f", cut when too long */
    char why[TG_PLAIN_WHY_BYTES];   /* "a function value is no plain data" */
    uint32_t count;
};

/* Pushes a copy of the table at index with all of it that is plain data: booleans, finite numbers,
 * UTF-8 strings, JSON's null, and tables of these that are lists or have strings as keys, nested no
 * deeper than JSON may be. root is how the path begins. A table of more than TG_PLAIN_NODES_MAX
 * values is copied in part. May raise when memory is short. */
void tg_plain_copy(lua_State *L, int index, const char *root, struct tg_plain_faults *faults);

#endif
