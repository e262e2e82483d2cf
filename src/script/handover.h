/* SPDX-License-Identifier: MIT */
/* What one state leaves to the next of the same gateway: what `save` returned, which `restore`
 * gets, and each client's own table, client.state. It travels as JSON, so it is plain data or it
 * stays behind: nothing of one state is ever reachable from another.
 * Lives in: a worker. Both states' memory caps hold; neither state may be running. */
#ifndef TG_SCRIPT_HANDOVER_H
#define TG_SCRIPT_HANDOVER_H

#include "base/err.h"

struct tg_client;
struct tg_vm;

enum {
    TG_HANDOVER_SAVED_MAX = 1048576, /* octets of JSON that save's value makes */
    TG_HANDOVER_CLIENT_MAX = 16384   /* the same of one client's table */
};

/* Calls save of the one state, and restore of the other with what it returned. 0, also when one of
 * them is absent or save returned nil; TG_ERR_SCRIPT with a message that says which of the two
 * failed and why: what was saved is lost then. */
int tg_handover_saved(struct tg_vm *from, struct tg_vm *to, struct tg_errmsg *msg);

/* Moves the client, which has no call in flight, from the state that has its handle, if any: its
 * table is copied, its handle is the new state's, or made there at its next call. What is no plain
 * data stays behind, or all of it when that fails: counted in script_handover_lost_total and in
 * to->states_lost; the first is logged with its key. Not inside of a call into either state. */
void tg_handover_move(struct tg_client *client, struct tg_vm *to);

/* Lets the client's table go instead, counted and logged the same way. */
void tg_handover_drop(struct tg_client *client, struct tg_vm *to, const char *why);

#endif
