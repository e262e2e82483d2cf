/* SPDX-License-Identifier: MIT */
/* The tenants file as the document that workers read.
 * Lives in: a short-lived child of the keeper or the supervisor. */
#ifndef TG_KEEPER_TENANTS_FILE_H
#define TG_KEEPER_TENANTS_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Runs the file (script/tenants_reader.h) and appends the document's lines (core/document.h),
 * ordered by id, to out. Errors are the reader's, or out's own. */
int tg_tenants_file_read(const char *path, struct tg_buf *out, struct tg_errmsg *msg);

#endif
