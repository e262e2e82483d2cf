/* SPDX-License-Identifier: MIT */
/* The keeper: a process that keeps the documents (core/document.h) as their sources are. It watches
 * files and fetches the key set, has a child read what has changed, and publishes what is good;
 * what is not leaves the version before in force, and is logged and counted.
 * Lives in: the keeper; the supervisor has the first versions read before there is one.
 * Borrows: everything it is given. */
#ifndef TG_KEEPER_KEEPER_H
#define TG_KEEPER_KEEPER_H

#include <stdbool.h>

#include "base/err.h"
#include "core/config.h"
#include "core/document.h"
#include "core/shared_page.h"

struct tg_keeper_options {
    const struct tg_config *config;
    const struct tg_page *page;
    struct tg_document_store *documents;
};

/* Whether the configuration names any source. */
bool tg_keeper_is_needed(const struct tg_config *config);

/* Reads every source once and publishes it, before anybody else has the documents. A file that
 * can't be read or is no good: TG_ERR_* with a message that names key and file. A key set that
 * can't be fetched is warned of: the keeper goes on trying. */
int tg_keeper_prepare(const struct tg_keeper_options *options, struct tg_errmsg *msg);

/* Keeps until SIGTERM comes and page says that all leave. Gives the exit status: 0, or 1 when it
 * could not start, which has been logged. Its parent is the supervisor. */
int tg_keeper_run(const struct tg_keeper_options *options);

#endif
