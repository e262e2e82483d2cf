/* SPDX-License-Identifier: MIT */
/* tidegate status, reload, rollback and remove: asks the running server over its control socket.
 * Lives in: the process that was started, which ends with it. */
#ifndef TG_CONTROL_COMMAND_H
#define TG_CONTROL_COMMAND_H

#include <stdio.h>

#include "base/err.h"
#include "control_request.h"

/* Writes what the server tells to out. The setting is deploy.socket. Gives the exit status: 0, or 1
 * with a message: no server answers, or it says that what was asked failed. */
int tg_control_command_run(const char *setting, const struct tg_control_request *request, FILE *out,
                           struct tg_errmsg *msg);

#endif
