/* SPDX-License-Identifier: MIT */
/* tidegate token: mints a token that a server with this configuration takes, for trying things out.
 * Lives in: the process that was started, which ends with it. */
#ifndef TG_TOKEN_COMMAND_H
#define TG_TOKEN_COMMAND_H

#include <stdint.h>

#include "base/err.h"
#include "core/config.h"
#include "token_options.h"

/* *token is freed by the caller. alg, kid and secret are those of the options, else of
 * auth.keys[1]; iss and aud those of the configuration, unless a claim says otherwise; iat is now.
 * TG_ERR_* with a message that holds no secret. */
int tg_token_command_run(const struct tg_config *config, const struct tg_token_options *options,
                         uint64_t wall_ms, char **token, struct tg_errmsg *msg);

#endif
