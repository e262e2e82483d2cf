/* SPDX-License-Identifier: MIT */
/* A worker: one process, one thread, one loop. It loads the gateways and serves their clients
 * until it is told to go.
 * Lives in: a worker. Owns: loop, hub, server. Borrows: configuration, page, listening sockets. */
#ifndef TG_WORKER_WORKER_H
#define TG_WORKER_WORKER_H

#include <stdint.h>

#include "core/config.h"
#include "core/document.h"
#include "core/shared_page.h"

/* A generation that is live when the worker starts. */
struct tg_worker_generation {
    uint32_t slot;
    uint64_t counter;
    int fd;             /* its sealed files (deploy/bundle_file.h) */
    uint64_t committed; /* what the page said: another counter when the gateway is going back to
                           this generation, which the page says in a moment */
};

struct tg_worker_options {
    const struct tg_config *config;
    struct tg_page *page;
    const struct tg_document_store *documents; /* NULL: nothing is kept */
    uint32_t slot;                             /* its row in the page */
    int *listeners; /* closed when draining starts, so that the kernel refuses new clients */
    uint32_t listener_count;
    int *links; /* by slot: a stream socket to the worker there, or -1; taken over */
    uint32_t link_count;
    int control; /* on which the supervisor speaks to it; taken over; -1: it never does */
    const struct tg_worker_generation *generations; /* what is live; the files are taken over */
    uint32_t generation_count;
};

/* Serves. SIGTERM starts the drain, a second one ends it at once; SIGHUP reads certificates again.
 * Gives the exit status: 0 when it was told to go, 1 when it could not start, which has been
 * logged. */
int tg_worker_run(const struct tg_worker_options *options);

#endif
