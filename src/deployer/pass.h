/* SPDX-License-Identifier: MIT */
/* One look over the root and all folders in it.
 * Lives in: the deployer. */
#ifndef TG_DEPLOYER_PASS_H
#define TG_DEPLOYER_PASS_H

#include "deployer/deployer_state.h"

/* Looks, tells what is decided by it, and marks rows whose content is to be judged. */
void tg_pass_run(struct tg_deployer *deployer);

/* Whether the root is another folder than in the last pass, or came, or went. */
bool tg_pass_has_root_changed(const struct tg_deployer *deployer);

#endif
