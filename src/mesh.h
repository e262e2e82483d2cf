/* SPDX-License-Identifier: MIT */
/* The sockets by which workers reach each other. Whenever a worker is started, a stream socket pair
 * is made between it and every other one: it inherits its own ends, the others are sent theirs over
 * their control sockets (core/worker_link.h).
 * Lives in: the supervisor. Owns: its ends of the control sockets, and the ends that are on their
 * way to a worker. Times are monotonic milliseconds. */
#ifndef TG_MESH_H
#define TG_MESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/shared_page.h"

/* How long a worker may leave its control socket unread. One that hangs is replaced before. */
enum { TG_MESH_TELL_MS = 45000 };

/* An end that its worker has not been sent yet. */
struct tg_mesh_end {
    int fd; /* -1: none */
    uint64_t give_up_ms;
};

struct tg_mesh {
    uint32_t slot_count;
    int controls[TG_PAGE_WORKERS_MAX]; /* to each worker; -1: it doesn't run */

    /* what the worker that is being started inherits */
    uint32_t starting;              /* its slot */
    int links[TG_PAGE_WORKERS_MAX]; /* to each other worker, or -1 */
    int control;                    /* its end, or -1 */

    uint32_t untold_count;
    struct tg_mesh_end untold[TG_PAGE_WORKERS_MAX][TG_PAGE_WORKERS_MAX]; /* [worker][peer] */
};

/* Nobody runs yet. */
void tg_mesh_init(struct tg_mesh *mesh, uint32_t slot_count);

/* Closes all. */
void tg_mesh_fini(struct tg_mesh *mesh);

/* Before the fork of the worker at the slot: makes its sockets, and sends the others their ends.
 * TG_ERR_IO with a message; nothing has changed then. */
int tg_mesh_open(struct tg_mesh *mesh, uint32_t slot, uint64_t now_ms, struct tg_errmsg *msg);

/* In the child: closes all but links and control, which are the worker's now. */
void tg_mesh_keep_own(struct tg_mesh *mesh);

/* After the fork, in the parent: closes links and control. */
void tg_mesh_give_away(struct tg_mesh *mesh);

/* The worker at the slot has ended, or could not be started. */
void tg_mesh_lose(struct tg_mesh *mesh, uint32_t slot);

/* Sends what could not be sent before. True when something is still to be sent. */
bool tg_mesh_tell(struct tg_mesh *mesh, uint64_t now_ms);

#endif
