/* SPDX-License-Identifier: MIT */
/* Runs a file of settings, which is Lua: in a state without any library, its size, memory and
 * instructions bounded, the JIT off.
 * Lives in: a short-lived child. */
#ifndef TG_SCRIPT_BARE_STATE_H
#define TG_SCRIPT_BARE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "base/err.h"
#include "base/str.h"

struct tg_bare_state {
    /* set by the caller */
    const char *path;
    const char *title; /* in messages: "the configuration" */
    size_t file_bytes; /* at most, as the next two */
    size_t memory_bytes;
    uint32_t instructions;
    void (*push_environment)(lua_State *L); /* may leave more below it, from index 1 on */
    /* The file has been run, its value is on top: takes what it wants and sets err and msg. Memory
     * of its own must not be held where Lua can raise. */
    void (*walk)(lua_State *L, struct tg_bare_state *state);
    struct tg_errmsg *msg;

    /* its own, for walk to read */
    struct tg_str source; /* while it runs */
    int err;
    size_t memory;  /* octets the state holds */
    uint32_t steps; /* calls of the hook that counts instructions */
};

/* Reads and runs the file. 0, or the error with a message that begins "FILE:LINE: ", or "FILE: "
 * where no line can be told, and that shows no text of the file: TG_ERR_IO, TG_ERR_TOO_LARGE,
 * TG_ERR_NOMEM, TG_ERR_SYNTAX, TG_ERR_SCRIPT (it failed, ran for too long or took too much memory);
 * or what walk put into err. */
int tg_bare_state_run(struct tg_bare_state *state);

#endif
