/* SPDX-License-Identifier: MIT */
/* Content that has come to rest is judged by a child, one at a time.
 * Lives in: the deployer. */
#ifndef TG_DEPLOYER_JUDGING_H
#define TG_DEPLOYER_JUDGING_H

#include "deployer/deployer_state.h"

/* Begins with the next row that is due, when none is being judged. */
void tg_judging_start(struct tg_deployer *deployer);

/* The child has something to say, or its time is up. */
void tg_judging_step(struct tg_deployer *deployer);

/* Gives up what runs. */
void tg_judging_end(struct tg_deployer *deployer);

#endif
