/* SPDX-License-Identifier: MIT */
/* The deployer: a process that watches the gateways' root, waits until a folder that changes has
 * come to rest, judges its content in a child, and gives the supervisor what is sound as a sealed
 * file, and of the rest the faults. It decides nothing else, and knows nothing that a new one would
 * not find out by looking: when it dies, it is replaced.
 * Lives in: the deployer. Borrows: everything it is given. */
#ifndef TG_DEPLOYER_DEPLOYER_H
#define TG_DEPLOYER_DEPLOYER_H

#include "core/config.h"
#include "core/shared_page.h"

struct tg_deployer_options {
    const struct tg_config *config;
    const struct tg_page *page;
    int control; /* its end of the socket to the supervisor (core/deploy_link.h) */
};

/* What it tells:
 *   CANDIDATE  content that has come to rest and is sound, and that the page doesn't say is live.
 *              Each is told once, until the folder holds another or a SCAN asks for all anew; a new
 *              deployer tells it again. Content that is live is told when it takes the place of a
 *              candidate that was told and never went live.
 *   FAULT      what is wrong with content at rest, once. With an empty text: it is over, since the
 *              folder holds what is live, or a candidate follows, or the folder has gone.
 *   GONE       a live gateway's folder was away for deploy.remove_after
 *   ROOT       after the first look, and whenever that changes
 *   SCANNED    everything that a SCAN asked for has been told; folders that don't come to rest
 *              within TG_SETTLE_PATIENCE_MS are not waited for
 *
 * With deploy.watch off it looks at a SCAN alone, and then until all that it saw is decided.
 *
 * Runs until SIGTERM comes and page says that all leave. Gives the exit status: 0, or 1 when it
 * could not start, or the supervisor takes no more, which has been logged. */
int tg_deployer_run(const struct tg_deployer_options *options);

#endif
