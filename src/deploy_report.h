/* SPDX-License-Identifier: MIT */
/* What the log says of deploys, each line with gateway, generation and counter.
 * Lives in: the supervisor. */
#ifndef TG_DEPLOY_REPORT_H
#define TG_DEPLOY_REPORT_H

#include "base/log.h"
#include "core/fault.h"
#include "deploy_slots.h"

/* The message is fixed text, as in base/log.h. */
void tg_deploy_report_step(const char *message, const char *name,
                           const struct tg_deploy_generation *generation);
void tg_deploy_report_warning(const char *message, const char *name,
                              const struct tg_deploy_generation *generation);

/* An error: with step, file, line and reason. */
void tg_deploy_report_fault(const char *message, const char *name,
                            const struct tg_deploy_generation *generation,
                            const struct tg_fault *fault);

/* That the slot's fault is; nothing when it has none. */
void tg_deploy_report_over(const struct tg_deploy_slot *slot);

#endif
