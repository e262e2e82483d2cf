/* SPDX-License-Identifier: MIT */
/* The files of auth.keys, read once at the start: a worker that is replaced later verifies with the
 * same keys, whatever became of the files.
 * Lives in: the process that was started. */
#ifndef TG_KEY_FILES_H
#define TG_KEY_FILES_H

#include "base/err.h"
#include "core/config.h"

/* Fills in public_key of each key that has a public_key_file. TG_ERR_IO (no regular file, can't be
 * read), TG_ERR_TOO_LARGE (16 KiB), TG_ERR_INVALID (no text), TG_ERR_NOMEM with a message that
 * names key and file. */
int tg_key_files_read(struct tg_config *config, struct tg_errmsg *msg);

#endif
