/* SPDX-License-Identifier: MIT */
/* What is live from the beginning: every gateway folder, read, judged and sealed before there is
 * anybody to serve. A bad one stops the start.
 * Lives in: the supervisor. */
#ifndef TG_DEPLOY_START_H
#define TG_DEPLOY_START_H

#include "core/config.h"
#include "deploys.h"

/* Adds each gateway of the configured directory. TG_ERR_NOT_FOUND when there is none; TG_ERR_* with
 * a message that names the folder or the file in it. Further faults of that folder are logged. */
int tg_deploy_start_read(struct tg_deploys *deploys, const struct tg_config *config,
                         struct tg_errmsg *msg);

#endif
