/* SPDX-License-Identifier: MIT */
/* The worker processes: started, linked with each other, watched, replaced.
 * Lives in: the supervisor. Owns: children, mesh. Borrows: configuration, page, listening sockets.
 */
#ifndef TG_WORKERS_H
#define TG_WORKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "child.h"
#include "core/config.h"
#include "core/document.h"
#include "core/shared_page.h"
#include "culprits.h"
#include "deploy_door.h"
#include "listen_sockets.h"
#include "mesh.h"
#include "overrun.h"
#include "watchdog.h"
#include "worker/worker.h"

struct tg_workers; /* below */

/* A worker's place. */
struct tg_worker_slot {
    struct tg_workers *workers;
    uint32_t index;
    char process[24]; /* worker-1 */
    struct tg_child child;
    struct tg_watchdog watchdog;
    struct tg_overrun overrun;
    bool has_served; /* since its last start */
};

struct tg_workers_options {
    const struct tg_config *config;
    struct tg_page *page;                      /* its worker_count says how many */
    const struct tg_document_store *documents; /* NULL: nothing is kept */
    struct tg_listen_sockets *listeners;

    /* In a worker, just forked: closes what is neither the workers' nor the listeners'; then says
     * what it is to load. */
    void (*on_fork)(void *self);
    uint32_t (*on_inherit)(void *self, struct tg_worker_generation list[TG_GATEWAYS_MAX]);

    /* A worker has ended. */
    void (*on_lost)(void *self, uint32_t index);

    /* One died in a gateway's code, is_too_often: not for the first time. True: something is done
     * about it, so that it needs not be unloaded. */
    bool (*on_blame)(void *self, const struct tg_gateway_row *gateway, bool is_too_often);
    void *self;
};

struct tg_workers {
    struct tg_workers_options options;
    uint32_t count;
    struct tg_worker_slot slots[TG_PAGE_WORKERS_MAX];
    struct tg_mesh mesh;
    struct tg_watchdog_clock clock;
    struct tg_overrun_clock call_clock;
    struct tg_culprits culprits;
};

/* None runs yet. */
void tg_workers_init(struct tg_workers *workers, const struct tg_workers_options *options);

/* Closes sockets; the processes must have ended. */
void tg_workers_fini(struct tg_workers *workers);

/* TG_ERR_IO with a message when the kernel refuses a process; those before it run then. */
int tg_workers_start(struct tg_workers *workers, struct tg_errmsg *msg);

void tg_workers_signal(struct tg_workers *workers, int number);

/* How many processes there are. */
uint32_t tg_workers_count(const struct tg_workers *workers);

/* By which deploys reach them. */
struct tg_deploy_door tg_workers_door(struct tg_workers *workers);

/* The slot whose process this is; NULL: none. */
struct tg_worker_slot *tg_workers_find(struct tg_workers *workers, pid_t pid);

/* It has been waited for: its row is reset, and it is due again. A gateway in whose code workers
 * died too often is unloaded (core/gateway_rows.h). */
void tg_workers_ended(struct tg_worker_slot *slot, int status);

/* Starts again who is due. */
void tg_workers_replace(struct tg_workers *workers);

/* Lets workers know of new ones that they could not be told of at once. */
void tg_workers_introduce(struct tg_workers *workers);

/* Whether every worker serves. One that takes too long to get there is killed, as one that hangs.
 */
bool tg_workers_all_serve(struct tg_workers *workers);

/* Kills who gives no sign of life any more (watchdog.h). */
void tg_workers_watch(struct tg_workers *workers);

/* Signals whose call into a script has used up its budget, kills who can't be stopped
 * (overrun.h). */
void tg_workers_watch_calls(struct tg_workers *workers);

/* How long the supervisor may sleep while they serve. */
uint64_t tg_workers_wait_ms(const struct tg_workers *workers);

/* How long it may sleep while nothing but their calls is watched. */
uint64_t tg_workers_calls_wait_ms(const struct tg_workers *workers);

#endif
