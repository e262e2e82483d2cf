/* SPDX-License-Identifier: MIT */
/* The end of a state without a pause: to free 64 MiB of small tables at once takes a fifth of a
 * second, in which no socket is served.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_EMPTYING_H
#define TG_SCRIPT_EMPTYING_H

struct tg_gateway;
struct tg_hub;

/* Takes over a gateway that has no clients and will not run again, be it one of the hub's removed
 * ones or none of the hub's, and destroys it: at once when its state is small, else in slices over
 * the next turns. Ends with the hub at the latest. Not inside of a call into it. */
void tg_emptying_start(struct tg_hub *hub, struct tg_gateway *gateway);

#endif
