/* SPDX-License-Identifier: MIT */
/* room:count() and room:members() over all workers: a suspended call waits for what the others
 * say, and goes on with their sum and our own part. What can't be had in time is left out, and the
 * result says so.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_QUESTION_H
#define TG_SCRIPT_QUESTION_H

#include <lua.h>

#include "hub/bus.h"

struct tg_coroutine;

/* The coroutine has yielded the signal, a room and a kind of question (tg_question_request): asks
 * the others. The coroutine is woken once, in a later turn. */
void tg_question_ask(struct tg_coroutine *co);

/* The coroutine doesn't wait for answers any more, if it did. */
void tg_question_cancel(struct tg_coroutine *co);

/* The request of a room's method, the room at index 1: true and the result where there is nobody to
 * ask; what tg_question_ask wants; or nil and why not. */
int tg_question_request(lua_State *L, enum tg_question_kind kind);

#endif
