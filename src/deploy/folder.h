/* SPDX-License-Identifier: MIT */
/* Reads gateway folders into bundles, once, without following links or opening what is no
 * regular file.
 * Lives in: every process that loads or checks gateways. */
#ifndef TG_DEPLOY_FOLDER_H
#define TG_DEPLOY_FOLDER_H

#include "base/err.h"
#include "core/bundle.h"

/* Reads the .lua files below path (spec/ left out) and hashes them with their paths: the first 12
 * hex digits of SHA-256 are the generation. A symlink in path itself is followed, below it none.
 * TG_ERR_IO, TG_ERR_INVALID (a name that is none), TG_ERR_TOO_LARGE, TG_ERR_FULL, TG_ERR_NOT_FOUND
 * (no gateway.lua), with a message that names the file. *bundle holds nothing then. */
int tg_folder_read(const char *path, struct tg_bundle *bundle, struct tg_errmsg *msg);

/* The names of the folders in root that hold a gateway.lua, sorted, hidden ones left out. *names
 * and each of them are freed by the caller with tg_folder_free_names. TG_ERR_IO with a message. */
int tg_folder_list(const char *root, char ***names, uint32_t *count, struct tg_errmsg *msg);
void tg_folder_free_names(char **names, uint32_t count);

#endif
