/* SPDX-License-Identifier: MIT */
/* What the control socket asks for, done with the supervisor's deploys: status is read out of the
 * slots and the page, a reload is a scan by the deployer, rollback and removal are what a breach
 * and an absent folder would cause. Lives in: the supervisor. Borrows everything. */
#ifndef TG_CONTROL_DEPLOYS_H
#define TG_CONTROL_DEPLOYS_H

#include "control.h"
#include "core/config.h"
#include "core/shared_page.h"
#include "deploy_wire.h"
#include "deploys.h"

struct tg_control_deploys {
    const struct tg_config *config;
    const struct tg_page *page;
    struct tg_deploys *deploys;
    struct tg_deploy_wire *wire;
};

/* As tg_control_start; self is borrowed as long as the control lives. */
int tg_control_deploys_start(struct tg_control_deploys *self, struct tg_control **control,
                             struct tg_errmsg *msg);

#endif
