/* SPDX-License-Identifier: MIT */
/* The file of revocations: a line each, "jti VALUE", "sub VALUE" or "tenant VALUE"; empty lines and
 * those that begin with # are passed over. So a line appended by a shell revokes.
 * Lives in: a short-lived child of the keeper or the supervisor. Pure. */
#ifndef TG_KEEPER_REVOCATION_FILE_H
#define TG_KEEPER_REVOCATION_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the document's lines (core/document.h) to out. path is for messages, which begin with
 * "FILE:LINE: " and show no value: TG_ERR_SYNTAX; TG_ERR_FULL (more than TG_REVOCATIONS_MAX); out's
 * own errors. */
int tg_revocation_file_parse(struct tg_str text, const char *path, struct tg_buf *out,
                             struct tg_errmsg *msg);

#endif
