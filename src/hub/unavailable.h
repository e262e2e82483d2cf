/* SPDX-License-Identifier: MIT */
/* Gateways whose code may not run any more, because too many workers died in it: their handshakes
 * are refused, the others serve on.
 * Lives in: a worker. */
#ifndef TG_HUB_UNAVAILABLE_H
#define TG_HUB_UNAVAILABLE_H

#include <stdint.h>

struct tg_gateway;
struct tg_hub;

/* For a gateway without a state, which no client has come to: its code may not run. */
void tg_unavailable_set(struct tg_gateway *gateway);

/* Closes the gateway's clients without another call into its script, which must not run one. How
 * many they were. */
uint32_t tg_unavailable_end_clients(struct tg_hub *hub, struct tg_gateway *gateway);

/* Closes the gateway's clients and frees its script, of which not another line runs: no
 * on_disconnect either. Not inside of a call into a script. */
void tg_unavailable_make(struct tg_hub *hub, struct tg_gateway *gateway);

/* Does so for every gateway that the supervisor has unloaded meanwhile. */
void tg_unavailable_sweep(struct tg_hub *hub);

#endif
