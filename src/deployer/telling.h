/* SPDX-License-Identifier: MIT */
/* What the supervisor is told, each a message that waits a bounded time for room. When it takes no
 * more the deployer ends: a new one starts over.
 * Lives in: the deployer. */
#ifndef TG_DEPLOYER_TELLING_H
#define TG_DEPLOYER_TELLING_H

#include "deployer/deployer_state.h"

/* What the faults say, as a number; never 0. */
uint64_t tg_telling_hash(const struct tg_fault_list *faults);

/* Once per fault: the first of the list, with how many more there are. */
void tg_telling_fault(struct tg_deployer *deployer, struct tg_roster_row *row,
                      const struct tg_fault_list *faults, const char *generation);

/* A fault that was told, or that the page knows of, is over. */
void tg_telling_cleared(struct tg_deployer *deployer, struct tg_roster_row *row);

/* Its content is sound. TG_ERR_*: the file could not be made, and why has been logged. */
int tg_telling_candidate(struct tg_deployer *deployer, struct tg_roster_row *row,
                         const struct tg_bundle *bundle);

void tg_telling_gone(struct tg_deployer *deployer, const struct tg_roster_row *row);

/* "": nothing is wrong. Once. */
void tg_telling_root(struct tg_deployer *deployer, const char *text);

void tg_telling_scanned(struct tg_deployer *deployer);

#endif
