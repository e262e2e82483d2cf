/* SPDX-License-Identifier: MIT */
/* The keys of auth.keys, looked at before anything is served: in a short-lived child, since the
 * process that was started runs no OpenSSL.
 * Lives in: the process that was started. */
#ifndef TG_CHECK_KEYS_H
#define TG_CHECK_KEYS_H

#include "base/err.h"
#include "core/config.h"

/* 0 when a worker could verify with all of them, or there are none; else TG_ERR_* with a message
 * that names the key, and the file when it came from one. */
int tg_check_keys(const struct tg_config *config, struct tg_errmsg *msg);

#endif
