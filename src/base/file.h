/* SPDX-License-Identifier: MIT */
/* Reading a whole file that somebody else wrote.
 * Lives in: every process. */
#ifndef TG_BASE_FILE_H
#define TG_BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the file to out, whose limit bounds it. Never waits: what is no regular file (a FIFO, a
 * device) is refused. TG_ERR_IO, TG_ERR_TOO_LARGE, TG_ERR_NOMEM with a message that begins with
 * the path. */
int tg_file_read(const char *path, struct tg_buf *out, struct tg_errmsg *msg);

#endif
