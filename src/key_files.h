/* SPDX-License-Identifier: MIT */
/* The files of auth.keys, read once at the start: a worker that is replaced later verifies with the
 * same keys, whatever became of the files.
 * Lives in: the process that was started. */
#ifndef TG_KEY_FILES_H
#define TG_KEY_FILES_H

#include "base/buf.h"
#include "base/err.h"
#include "core/config.h"

/* Appends a file's text to out, which bounds it. TG_ERR_IO (no regular file, can't be read),
 * TG_ERR_TOO_LARGE, TG_ERR_INVALID (nothing in it, or a NUL), TG_ERR_NOMEM with a message that
 * doesn't name the file. */
int tg_key_files_text(const char *path, struct tg_buf *out, struct tg_errmsg *msg);

/* Fills in public_key of each key that has a public_key_file, of 16 KiB at most. Errors as above,
 * with a message that names key and file. */
int tg_key_files_read(struct tg_config *config, struct tg_errmsg *msg);

#endif
