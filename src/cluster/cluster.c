/* SPDX-License-Identifier: MIT */
/* publish -> a mail on every mailbox -> flush at the end of the turn -> a peer delivers it.
 * ask -> the same way -> its count of members -> an answer back -> inquiry -> on_answers. */
#include "cluster/cluster.h"

#include <stdlib.h>

#include "base/log.h"
#include "cluster/cluster_state.h"
#include "cluster/delivery.h"
#include "cluster/wire.h"
#include "hub/hub.h"

static const char LOG_MODULE[] = "cluster";

_Static_assert((int)TG_PAGE_WORKERS_MAX <= 64, "a slot must have a bit in 64");

/* --- to others --- */

/* Makes room for the mail with all peers; those that will take it get a bit. 0, or the first
 * peer's error. A peer that has ended is passed over: it has no clients any more. */
static int reserve_all(struct tg_cluster *cluster, const struct tg_mail *mail, uint64_t *takers)
{
    int result = TG_OK;

    *takers = 0;
    for (uint32_t slot = 0; slot < TG_PAGE_WORKERS_MAX; slot++) {
        struct tg_peer *peer = cluster->peers[slot];
        int err = peer ? tg_mailbox_reserve(peer->mailbox, mail) : TG_ERR_CLOSED;
        if (err == TG_OK) {
            *takers |= UINT64_C(1) << slot;
        } else if (err != TG_ERR_CLOSED && result == TG_OK) {
            result = err;
        }
    }
    return result;
}

static uint32_t put(struct tg_cluster *cluster, struct tg_mail *mail, uint64_t takers)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < TG_PAGE_WORKERS_MAX; slot++) {
        if (takers & UINT64_C(1) << slot) {
            tg_mailbox_put(cluster->peers[slot]->mailbox, mail);
            count++;
        }
    }
    return count;
}

static int publish(void *self, const struct tg_publication *publication)
{
    struct tg_cluster *cluster = self;
    struct tg_mail *mail;
    uint64_t takers;

    if (cluster->peer_count == 0) {
        return TG_OK;
    }
    int err = tg_wire_write_publication(publication, &mail);
    if (err) {
        /* To nobody: that is done. */
        return err == TG_ERR_NOT_FOUND ? TG_OK : err;
    }
    err = reserve_all(cluster, mail, &takers);
    if (err == TG_OK) {
        (void)put(cluster, mail, takers);
    }
    tg_mail_unref(mail);
    return err == TG_ERR_FULL ? TG_ERR_UNAVAILABLE : err;
}

static int ask(void *self, const struct tg_question *question, uint64_t *id)
{
    struct tg_cluster *cluster = self;
    struct tg_mail *mail;
    struct tg_wire_question wire = {cluster->inquiries.next_id, question->kind, question->audience};
    struct tg_inquiry_options options = {
        .question = question,
        .due_ms = tg_hub_due_ms(cluster->hub, TG_BUS_ANSWER_MS),
    };

    *id = wire.id;
    if (cluster->peer_count == 0) {
        return 0;
    }
    int err = tg_wire_write_question(&wire, &mail);
    if (err) {
        return err == TG_ERR_NOT_FOUND ? 0 : err;
    }
    err = reserve_all(cluster, mail, &options.asked);
    options.is_partial = err != TG_OK;
    if (options.asked != 0) {
        err = tg_inquiry_open(&cluster->inquiries, &options);
    } else if (err == TG_ERR_FULL) {
        err = TG_ERR_UNAVAILABLE;
    }
    if (err == TG_OK) {
        err = (int)put(cluster, mail, options.asked);
    }
    tg_mail_unref(mail);
    return err;
}

static void cancel(void *self, uint64_t id)
{
    struct tg_cluster *cluster = self;

    tg_inquiry_cancel(&cluster->inquiries, id);
}

static bool is_alone(void *self)
{
    const struct tg_cluster *cluster = self;

    return cluster->peer_count == 0;
}

/* --- from others --- */

/* A mail has come from the peer. */
static int on_mail(void *self, const struct tg_mail_view *mail)
{
    return tg_delivery_take(self, mail);
}

/* --- life --- */

/* Puts the peer (NULL: nobody) at the slot. Who was there is gone, and answers nothing any more. */
static void set_peer(struct tg_cluster *cluster, uint32_t slot, struct tg_peer *peer)
{
    struct tg_peer *before = cluster->peers[slot];

    cluster->peers[slot] = peer;
    cluster->peer_count += peer ? 1 : 0;
    if (before) {
        cluster->peer_count--;
        tg_mailbox_destroy(before->mailbox);
        free(before);
        tg_inquiry_lose(&cluster->inquiries, slot);
    }
}

/* The peer has ended, or wrote what it must not. */
static void on_end(void *self, int err)
{
    struct tg_peer *peer = self;
    struct tg_cluster *cluster = peer->cluster;
    uint32_t slot = peer->slot;

    if (err == TG_ERR_CLOSED) {
        TG_LOG_DEBUG("worker is gone", "peer=%u", slot + 1);
    } else {
        TG_LOG_ERROR("worker's mail can't be read", "peer=%u error=\"%s\"", slot + 1,
                     tg_err_text(err));
    }
    set_peer(cluster, slot, NULL);
    cluster->on_lost(cluster->self, slot, err);
}

int tg_cluster_attach(struct tg_cluster *cluster, uint32_t slot, int fd)
{
    if (slot >= TG_PAGE_WORKERS_MAX || slot == cluster->slot) {
        return TG_ERR_INVALID;
    }
    struct tg_peer *peer = calloc(1, sizeof(*peer));
    if (!peer) {
        return TG_ERR_NOMEM;
    }
    struct tg_mailbox_options options = {cluster->loop, fd, on_mail, on_end, peer};
    peer->cluster = cluster;
    peer->slot = slot;
    peer->mailbox = tg_mailbox_create(&options);
    if (!peer->mailbox) {
        free(peer);
        return TG_ERR_IO;
    }
    set_peer(cluster, slot, peer);
    return TG_OK;
}

void tg_cluster_detach(struct tg_cluster *cluster, uint32_t slot)
{
    if (slot < TG_PAGE_WORKERS_MAX) {
        set_peer(cluster, slot, NULL);
    }
}

uint32_t tg_cluster_peer_count(const struct tg_cluster *cluster)
{
    return cluster->peer_count;
}

void tg_cluster_flush(struct tg_cluster *cluster)
{
    for (uint32_t slot = 0; cluster->peer_count > 0 && slot < TG_PAGE_WORKERS_MAX; slot++) {
        struct tg_peer *peer = cluster->peers[slot];
        if (peer) {
            peer->mails = 0;
            peer->octets = 0;
            tg_mailbox_flush(peer->mailbox);
        }
    }
}

const struct tg_bus *tg_cluster_bus(const struct tg_cluster *cluster)
{
    return &cluster->bus;
}

struct tg_cluster *tg_cluster_create(const struct tg_cluster_options *options)
{
    struct tg_cluster *cluster = calloc(1, sizeof(*cluster));

    if (!cluster) {
        return NULL;
    }
    cluster->loop = options->loop;
    cluster->hub = options->hub;
    cluster->slot = options->slot;
    cluster->on_lost = options->on_lost;
    cluster->self = options->self;
    cluster->bus = (struct tg_bus){publish, ask, cancel, is_alone, cluster};
    tg_inquiry_init(&cluster->inquiries, options->hub->wheel);
    return cluster;
}

void tg_cluster_destroy(struct tg_cluster *cluster)
{
    if (!cluster) {
        return;
    }
    /* First, so that nobody is told of the peers that go. */
    tg_inquiry_fini(&cluster->inquiries);
    for (uint32_t slot = 0; slot < TG_PAGE_WORKERS_MAX; slot++) {
        tg_cluster_detach(cluster, slot);
    }
    free(cluster);
}
