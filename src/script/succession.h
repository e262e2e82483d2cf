/* SPDX-License-Identifier: MIT */
/* The states of a gateway's generations, one beside the other: which of them serves, and what
 * becomes of the others. A gateway whose script is gone (hub/unavailable.h) has no state: nothing
 * is done for it then. Never inside of a call into a script.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_SUCCESSION_H
#define TG_SCRIPT_SUCCESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tg_client;
struct tg_gateway;
struct tg_tally;

/* Exchanges the contents of two gateways; the states follow them. */
void tg_succession_exchange(struct tg_gateway *a, struct tg_gateway *b);

/* The gateway's state does not serve (yet, or any more): timers that are set, or will be, stand. */
void tg_succession_park(struct tg_gateway *gateway);

/* It serves: timers go on with the rest of their time; what its calls come to goes into the tally,
 * which may be NULL. */
void tg_succession_unpark(struct tg_gateway *gateway, struct tg_tally *tally);

/* It never will serve again: timers are cancelled; what it holds of clients may be taken away. */
void tg_succession_retire(struct tg_gateway *gateway);

/* How many of its calls are suspended, how many clients have their handle in it, and what memory it
 * takes. */
uint32_t tg_succession_calls(const struct tg_gateway *gateway);
uint32_t tg_succession_handles(const struct tg_gateway *gateway);
size_t tg_succession_memory(const struct tg_gateway *gateway);

/* Ends up to count of its suspended calls with an error, the oldest first; their clients go on with
 * what waits. How many it were. */
uint32_t tg_succession_end_calls(struct tg_gateway *gateway, uint32_t count);

/* Calls save of the one and restore of the other (script/handover.h). */
int tg_succession_hand_over(struct tg_gateway *from, struct tg_gateway *to, struct tg_errmsg *msg);

/* Whether the client's handle is in a state that will never serve again. */
bool tg_succession_is_stranded(const struct tg_client *client);

/* Moves the client, which has no call in flight, to its gateway's state. */
void tg_succession_move(struct tg_client *client);

/* The states that don't serve are about to go: lets go of what one of them has of the client. */
void tg_succession_forget_parked(struct tg_client *client);

#endif
