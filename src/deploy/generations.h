/* SPDX-License-Identifier: MIT */
/* The generations of a worker's gateways, by slot: a new one is prepared beside the one that is
 * live, committed, and when its trial has ended well the one before is let go; or that one comes
 * back. Sockets, rooms and queues stay. Calls in flight end on their own generation; client.state
 * moves with the client's first call on the new one, or in slices before the old state ends; save
 * and restore come when no call of the old one is running any more.
 * How the live one does stands in the row's tally of the slot (core/tally.h).
 * Lives in: a worker, the test kit. Owns: generations that are not live; the live ones are the
 * hub's. Nothing here may be called inside of a call into a script. */
#ifndef TG_DEPLOY_GENERATIONS_H
#define TG_DEPLOY_GENERATIONS_H

#include <stdint.h>

#include "base/err.h"
#include "core/bundle.h"
#include "hub/hub.h"

struct tg_generations; /* opaque */

/* For that hub, which is to have no gateways from elsewhere. NULL when memory is short. */
struct tg_generations *tg_generations_create(struct tg_hub *hub);

/* Before tg_hub_fini, which ends what is live. Accepts NULL. */
void tg_generations_destroy(struct tg_generations *generations);

/* Loads the bundle beside what is live in the slot, as a candidate, in the place of an earlier one.
 * 0 at once when the counter is that of the live, the kept, or the candidate. Its timers stand. On
 * an error, with a message, there is no candidate and all else is as before: TG_ERR_EXISTS (its
 * path is that of another gateway, be it of a generation that may come back), TG_ERR_FULL,
 * TG_ERR_UNAVAILABLE (it was unloaded, and where it would be reached was never known), and those of
 * tg_gateway_load. counter is not 0. */
int tg_generations_prepare(struct tg_generations *generations, uint32_t slot, uint64_t counter,
                           const struct tg_bundle *bundle, struct tg_errmsg *msg);

/* What was prepared in the slot and not yet committed; NULL: nothing. */
struct tg_gateway *tg_generations_candidate(const struct tg_generations *generations,
                                            uint32_t slot);

/* The candidate goes, if it is this one. */
void tg_generations_drop(struct tg_generations *generations, uint32_t slot, uint64_t counter);

/* The candidate, or the kept one, becomes live; it stays so when it is. TG_ERR_NOT_FOUND: it is
 * none of these. A counter below the live one's goes back: nothing is saved or restored, and what
 * was live is let go. Else the one before is kept when it is proven; the first in a slot is. */
int tg_generations_commit(struct tg_generations *generations, uint32_t slot, uint64_t counter);

/* The trial of the live one, if it is this, has ended well: the kept one is let go. */
void tg_generations_prove(struct tg_generations *generations, uint32_t slot, uint64_t counter);

/* The gateway goes: no handshake finds it, its clients are closed with TG_CLOSE_GATEWAY_REMOVED in
 * slices. When the last has gone the slot is not held any more. */
void tg_generations_remove(struct tg_generations *generations, uint32_t slot);

/* A bit per slot that the worker has anything in, be it a generation that ends. */
uint64_t tg_generations_held(const struct tg_generations *generations);

/* Looks at memory and clients of the live ones, for their tallies: once a second. */
void tg_generations_measure(struct tg_generations *generations);

#endif
