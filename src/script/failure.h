/* SPDX-License-Identifier: MIT */
/* What went wrong in a script, as text, without running a line of it: no __tostring, no memory of
 * the state.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_FAILURE_H
#define TG_SCRIPT_FAILURE_H

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "base/log.h"

struct tg_vm;

enum {
    TG_FAILURE_TEXT_BYTES = 513, /* 512 octets of an error object, terminated */
    TG_FAILURE_FILE_BYTES = 256,
    TG_FAILURE_STACK_BYTES = 512,
    TG_FAILURE_PLACES = 16
};

struct tg_failure {
    char text[TG_FAILURE_TEXT_BYTES];
    char file[TG_FAILURE_FILE_BYTES]; /* of the innermost function of the gateway; "" unknown */
    int line;
    char stack[TG_FAILURE_STACK_BYTES]; /* "file:line < file:line" from the inside outward */
};

/* The places that failed last, so that each is told at most once a second. */
struct tg_failure_limit {
    struct {
        uint64_t place;
        struct tg_log_limit limit;
    } rows[TG_FAILURE_PLACES];
    uint32_t next;
};

/* The error object at index as text, cut. */
void tg_failure_text(lua_State *L, int index, char *out, size_t size);

/* Reads the error object at the top of L and, from its stack, where it was raised. */
void tg_failure_read(lua_State *L, struct tg_failure *failure);

/* An author's coroutine has died of the error at the top of L: notes where, since whoever passes
 * the error on does so from the outside. */
void tg_failure_note(struct tg_vm *vm, lua_State *co, lua_State *L);

/* When the failure is the noted one, passed on: the inner place counts, and stands first in the
 * stack. */
void tg_failure_join(struct tg_failure *failure, const struct tg_failure *inner);

/* Where the function at the top of L is defined, when the stack did not say; pops it. */
void tg_failure_place(lua_State *L, struct tg_failure *failure);

/* Who a call that failed was made for. */
struct tg_failure_caller {
    const char *conn;     /* the client's id; NULL: none, or gone */
    const char *trace_id; /* of its connection, as long as anybody knows it; NULL: none */
};

/* Counts the failure and logs it with the gateway, what was being run, and who for. */
void tg_failure_tell(struct tg_vm *vm, const struct tg_failure *failure, struct tg_str what,
                     const struct tg_failure_caller *caller);

#endif
