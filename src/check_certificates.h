/* SPDX-License-Identifier: MIT */
/* The certificates of the listeners, looked at before anything is served: in a short-lived child,
 * since the process that was started runs no OpenSSL.
 * Lives in: the process that was started. */
#ifndef TG_CHECK_CERTIFICATES_H
#define TG_CHECK_CERTIFICATES_H

#include "base/err.h"
#include "core/config.h"

/* 0 when a worker could load them all, or there are none; else TG_ERR_* with a message that names
 * the listener and the file. */
int tg_check_certificates(const struct tg_config *config, struct tg_errmsg *msg);

#endif
