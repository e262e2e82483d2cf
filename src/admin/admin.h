/* SPDX-License-Identifier: MIT */
/* The admin process: /livez, /readyz and /metrics, from what stands in the shared page. It is a
 * process of its own, so that it answers also when every worker is busy.
 * Lives in: the admin process. Borrows: page and listening socket. */
#ifndef TG_ADMIN_ADMIN_H
#define TG_ADMIN_ADMIN_H

#include "core/document.h"
#include "core/shared_page.h"

struct tg_admin_options {
    const struct tg_page *page;
    const struct tg_document_store *documents; /* NULL: nothing is kept */
    int listener;
};

/* Serves until SIGTERM. Gives the exit status: 0, or 1 when it could not start, which has been
 * logged. Its parent is the supervisor. */
int tg_admin_run(const struct tg_admin_options *options);

#endif
