/* SPDX-License-Identifier: MIT */
#include "worker/peers.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/log.h"
#include "core/loop.h"
#include "core/shared_page.h"
#include "hub/hub.h"

static const char LOG_MODULE[] = "peers";

/* A worker has ended, which cluster has logged. Its successor comes through the control socket. */
static void on_lost(void *self, uint32_t slot, int err)
{
    (void)self;
    (void)slot;
    (void)err;
}

static void close_control(struct tg_peers *peers)
{
    tg_watch_stop(peers->watch);
    peers->watch = NULL;
    if (peers->control >= 0) {
        (void)close(peers->control);
        peers->control = -1;
    }
}

static void add(struct tg_peers *peers, uint32_t slot, int fd)
{
    int err = tg_cluster_attach(peers->cluster, slot, fd);

    if (err) {
        (void)close(fd);
        TG_LOG_ERROR("worker can't be reached", "peer=%" PRIu32 " error=\"%s\"", slot + 1,
                     tg_err_text(err));
    } else {
        TG_LOG_DEBUG("worker can be reached", "peer=%" PRIu32, slot + 1);
    }
}

static void obey(struct tg_peers *peers, const struct tg_order *order, int fd)
{
    if (order->kind == TG_ORDER_PEER) {
        add(peers, order->slot, fd);
    } else if (peers->on_order) {
        peers->on_order(peers->self, order, fd);
    } else {
        TG_LOG_ERROR("nobody takes the supervisor's message", "kind=%d", (int)order->kind);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

/* The supervisor has sent something, or has ended. */
static void on_control(void *self)
{
    struct tg_peers *peers = self;

    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        struct tg_order order;
        int fd;
        int err = tg_worker_link_take(peers->control, &order, &fd);
        if (err == TG_OK) {
            obey(peers, &order, fd);
        } else if (err == TG_ERR_INCOMPLETE) {
            return;
        } else if (err == TG_ERR_SYNTAX) {
            TG_LOG_ERROR("the supervisor's message can't be read", "octets=%d",
                         (int)TG_WORKER_LINK_BYTES);
        } else {
            /* Its death comes as a signal too, which is what ends this process. */
            close_control(peers);
            return;
        }
    }
}

/* Attaches what was inherited; closes what is left at the first error. */
static int attach_inherited(struct tg_peers *peers, const struct tg_peers_options *options)
{
    int err = peers->cluster ? TG_OK : TG_ERR_NOMEM;

    for (uint32_t slot = 0; slot < options->link_count; slot++) {
        int fd = options->links[slot];
        options->links[slot] = -1;
        if (fd < 0) {
            continue;
        }
        if (err == TG_OK) {
            err = tg_cluster_attach(peers->cluster, slot, fd);
            if (err == TG_OK) {
                continue;
            }
        }
        (void)close(fd);
    }
    return err;
}

int tg_peers_init(struct tg_peers *peers, const struct tg_peers_options *options,
                  struct tg_errmsg *msg)
{
    struct tg_cluster_options cluster = {options->loop, options->hub, options->slot, on_lost,
                                         peers};

    *peers = (struct tg_peers){
        .control = options->control, .on_order = options->on_order, .self = options->self};
    peers->cluster = tg_cluster_create(&cluster);
    int err = attach_inherited(peers, options);
    if (!err && peers->control >= 0) {
        peers->watch = tg_watch_start(options->loop, peers->control, on_control, peers);
        err = peers->watch ? TG_OK : TG_ERR_IO;
    }
    if (err) {
        (void)tg_errmsg_set(msg, err, "the sockets to the other workers: %s", tg_err_text(err));
        tg_peers_fini(peers, options->hub);
        return err;
    }
    options->hub->bus = tg_cluster_bus(peers->cluster);
    return TG_OK;
}

void tg_peers_flush(struct tg_peers *peers)
{
    tg_cluster_flush(peers->cluster);
}

void tg_peers_fini(struct tg_peers *peers, struct tg_hub *hub)
{
    close_control(peers);
    hub->bus = tg_bus_alone();
    tg_cluster_destroy(peers->cluster);
    peers->cluster = NULL;
}
