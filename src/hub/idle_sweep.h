/* SPDX-License-Identifier: MIT */
/* What happens to a client by time alone: pings, the reaping of the silent and of those who don't
 * drain, the end of a token. One timer per client, set for the nearest of these; a frame that
 * arrives only notes the time, and the timer finds out when it fires.
 * Lives in: a worker. */
#ifndef TG_HUB_IDLE_SWEEP_H
#define TG_HUB_IDLE_SWEEP_H

struct tg_client;

void tg_idle_sweep_start(struct tg_client *client);

/* The nearest moment may have come closer. */
void tg_idle_sweep_again(struct tg_client *client);

void tg_idle_sweep_stop(struct tg_client *client);

#endif
