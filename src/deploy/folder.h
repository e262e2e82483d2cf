/* SPDX-License-Identifier: MIT */
/* Reads gateway folders into bundles, once, without opening what is no regular file. Symbolic links
 * are followed as long as they stay beneath the folder, as those of a Kubernetes ConfigMap do; what
 * is hidden (..data) is reached by them alone. A folder that changes meanwhile may give files of
 * before and after: only a second reading with the same generation tells that it has settled.
 * Lives in: every process that loads or checks gateways. */
#ifndef TG_DEPLOY_FOLDER_H
#define TG_DEPLOY_FOLDER_H

#include "base/err.h"
#include "core/bundle.h"
#include "core/fault.h"

/* Reads the .lua files below path (spec/ left out) and hashes them with their paths: the first 12
 * hex digits of SHA-256 are the generation. A link in path itself leads anywhere, below it not out
 * of the folder. Adds every fault to the list and returns what the first one is: TG_ERR_IO,
 * TG_ERR_INVALID (a name or a link that is none, what is no file), TG_ERR_TOO_LARGE, TG_ERR_FULL,
 * TG_ERR_NOT_FOUND (no gateway.lua), TG_ERR_NOMEM. *bundle holds what could be read in any case, to
 * be freed; after a fault it is none to load. */
int tg_folder_scan(const char *path, struct tg_bundle *bundle, struct tg_fault_list *faults);

/* The same with the first fault as the message. *bundle holds nothing then. */
int tg_folder_read(const char *path, struct tg_bundle *bundle, struct tg_errmsg *msg);

/* The names of the folders in root that hold a gateway.lua, or can't be looked into, sorted, hidden
 * ones left out. *names
 * and each of them are freed by the caller with tg_folder_free_names. TG_ERR_IO with a message. */
int tg_folder_list(const char *root, char ***names, uint32_t *count, struct tg_errmsg *msg);
void tg_folder_free_names(char **names, uint32_t count);

#endif
