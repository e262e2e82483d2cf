/* SPDX-License-Identifier: MIT */
#include "mesh.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "core/worker_link.h"

static const char LOG_MODULE[] = "mesh";

static void shut(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void tg_mesh_init(struct tg_mesh *mesh, uint32_t slot_count)
{
    *mesh = (struct tg_mesh){.slot_count = slot_count, .control = -1};
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        mesh->controls[i] = -1;
        mesh->links[i] = -1;
        for (uint32_t j = 0; j < TG_PAGE_WORKERS_MAX; j++) {
            mesh->untold[i][j].fd = -1;
        }
    }
}

static void drop_untold(struct tg_mesh *mesh, uint32_t slot, uint32_t peer)
{
    struct tg_mesh_end *end = &mesh->untold[slot][peer];

    if (end->fd >= 0) {
        shut(&end->fd);
        mesh->untold_count--;
    }
}

void tg_mesh_keep_own(struct tg_mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->slot_count; i++) {
        shut(&mesh->controls[i]);
        for (uint32_t j = 0; j < mesh->slot_count; j++) {
            drop_untold(mesh, i, j);
        }
    }
}

void tg_mesh_give_away(struct tg_mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->slot_count; i++) {
        shut(&mesh->links[i]);
    }
    shut(&mesh->control);
}

void tg_mesh_fini(struct tg_mesh *mesh)
{
    tg_mesh_keep_own(mesh);
    tg_mesh_give_away(mesh);
}

void tg_mesh_lose(struct tg_mesh *mesh, uint32_t slot)
{
    shut(&mesh->controls[slot]);
    for (uint32_t i = 0; i < mesh->slot_count; i++) {
        drop_untold(mesh, slot, i);
        drop_untold(mesh, i, slot);
    }
    if (mesh->starting == slot) {
        tg_mesh_give_away(mesh);
    }
}

static int make_pair(int type, int fds[2])
{
    return socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0 ? TG_OK
                                                                                 : TG_ERR_IO;
}

/* Makes the pairs; the others' ends are untold then. */
static int make_sockets(struct tg_mesh *mesh, uint32_t slot, uint64_t now_ms)
{
    int fds[2];

    if (make_pair(SOCK_SEQPACKET, fds) != TG_OK) {
        return TG_ERR_IO;
    }
    mesh->controls[slot] = fds[0];
    mesh->control = fds[1];
    for (uint32_t i = 0; i < mesh->slot_count; i++) {
        if (i == slot || mesh->controls[i] < 0) {
            continue;
        }
        if (make_pair(SOCK_STREAM, fds) != TG_OK) {
            return TG_ERR_IO;
        }
        mesh->links[i] = fds[0];
        mesh->untold[i][slot] = (struct tg_mesh_end){fds[1], now_ms + TG_MESH_TELL_MS};
        mesh->untold_count++;
    }
    return TG_OK;
}

int tg_mesh_open(struct tg_mesh *mesh, uint32_t slot, uint64_t now_ms, struct tg_errmsg *msg)
{
    mesh->starting = slot;
    tg_mesh_lose(mesh, slot);
    if (make_sockets(mesh, slot, now_ms) != TG_OK) {
        int cause = errno;
        tg_mesh_lose(mesh, slot);
        return tg_errmsg_set(msg, TG_ERR_IO, "sockets between workers: %s", strerror(cause));
    }
    /* Before the new one runs, so that nobody publishes past its first clients. */
    (void)tg_mesh_tell(mesh, now_ms);
    return TG_OK;
}

static void tell(struct tg_mesh *mesh, uint32_t slot, uint32_t peer, uint64_t now_ms)
{
    struct tg_mesh_end *end = &mesh->untold[slot][peer];
    struct tg_order order = {.kind = TG_ORDER_PEER, .slot = peer};
    int err = tg_worker_link_send(mesh->controls[slot], &order, end->fd);

    if (err == TG_ERR_FULL && now_ms < end->give_up_ms) {
        return;
    }
    /* One that has ended is reaped soon, and its successor gets new sockets to all. */
    if (err != TG_OK && err != TG_ERR_CLOSED) {
        TG_LOG_ERROR("worker can't be told of another", "worker=%u peer=%u error=\"%s\"", slot + 1,
                     peer + 1, tg_err_text(err));
    }
    drop_untold(mesh, slot, peer);
}

bool tg_mesh_tell(struct tg_mesh *mesh, uint64_t now_ms)
{
    for (uint32_t i = 0; mesh->untold_count > 0 && i < mesh->slot_count; i++) {
        for (uint32_t j = 0; j < mesh->slot_count; j++) {
            if (mesh->untold[i][j].fd >= 0) {
                tell(mesh, i, j, now_ms);
            }
        }
    }
    return mesh->untold_count > 0;
}
