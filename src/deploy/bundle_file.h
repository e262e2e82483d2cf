/* SPDX-License-Identifier: MIT */
/* A bundle in a sealed memory file: one process reads the folder, and all others load what that one
 * has read, whatever the disk does meanwhile. The seals make the kernel refuse any later change.
 * Lives in: the supervisor and the deployer seal, every process opens. */
#ifndef TG_DEPLOY_BUNDLE_FILE_H
#define TG_DEPLOY_BUNDLE_FILE_H

#include "base/err.h"
#include "core/bundle.h"

/* Makes the file; *fd is the caller's, closed on exec. TG_ERR_INVALID, TG_ERR_NOMEM,
 * TG_ERR_TOO_LARGE, TG_ERR_IO, with a message. */
int tg_bundle_file_seal(const struct tg_bundle *bundle, int *fd, struct tg_errmsg *msg);

/* Makes a bundle of the file, which stays the caller's and open; its position is not looked at.
 * TG_ERR_INVALID (it is not sealed), TG_ERR_SYNTAX, TG_ERR_TOO_LARGE, TG_ERR_NOMEM, TG_ERR_IO, with
 * a message; *bundle holds nothing then. */
int tg_bundle_file_open(int fd, struct tg_bundle *bundle, struct tg_errmsg *msg);

#endif
