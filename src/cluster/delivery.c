/* SPDX-License-Identifier: MIT */
/* A peer's mail comes in batches, of many of the peer's turns at once when this worker was busy.
 * Clients' queues are written once per turn here too, so all of a batch in one turn would pass a
 * queue's bound and evict clients that read as fast as they can. So the peers together fill at most
 * half of a queue per turn; the rest waits in order for the next. */
#include "cluster/delivery.h"

#include "base/buf.h"
#include "cluster/cluster_state.h"
#include "cluster/wire.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "hub/publish.h"
#include "hub/room.h"

enum { ROLL_BYTES = 4 << 20 }; /* of ids in one answer: half of what a mailbox holds */

/* Whether the peer may have that much more of this turn. The first mail always passes. */
static bool take_share(struct tg_peer *peer, uint64_t octets)
{
    const struct tg_config *config = peer->cluster->hub->config;
    uint32_t peers = peer->cluster->peer_count;

    if (peer->mails > 0 && (peer->mails >= config->outbound_messages / 2 / peers ||
                            peer->octets + octets > config->outbound_bytes / 2 / peers)) {
        return false;
    }
    peer->mails++;
    peer->octets += octets;
    return true;
}

static bool is_anybody_here(struct tg_hub *hub, const struct tg_audience *audience)
{
    const struct tg_scope *scope = tg_publish_find_scope(hub, audience);

    return audience->room.at ? tg_room_count(scope, audience->room) > 0 : scope != NULL;
}

static int take_publication(struct tg_peer *peer, struct tg_str body)
{
    struct tg_hub *hub = peer->cluster->hub;
    struct tg_wire_publication wire;
    int err = tg_wire_read_publication(body, &wire);

    if (err || !is_anybody_here(hub, &wire.audience)) {
        return err;
    }
    if (!take_share(peer, wire.payload.length)) {
        return TG_ERR_FULL;
    }
    struct tg_publication publication = {wire.audience, tg_frame_of(wire.opcode, wire.payload)};
    if (!publication.frame) {
        return TG_ERR_NOMEM;
    }
    (void)tg_publish_here(hub, &publication, NULL);
    tg_frame_unref(publication.frame);
    return TG_OK;
}

static int send_answer(struct tg_peer *peer, const struct tg_wire_answer *answer)
{
    struct tg_mail *mail;
    int err = tg_wire_write_answer(answer, &mail);

    if (err) {
        return err;
    }
    err = tg_mailbox_reserve(peer->mailbox, mail);
    if (err == TG_OK) {
        tg_mailbox_put(peer->mailbox, mail);
    }
    tg_mail_unref(mail);
    return err;
}

struct roll {
    struct tg_buf ids;
    uint64_t count;
};

static bool on_member(void *self, struct tg_client *client)
{
    struct roll *roll = self;
    char id[TG_CLIENT_ID_BYTES];

    tg_client_id(client, id);
    tg_buf_add(&roll->ids, id, strlen(id) + 1);
    if (roll->ids.err) {
        return false;
    }
    roll->count++;
    return true;
}

static int answer_members(struct tg_peer *peer, const struct tg_wire_question *question)
{
    struct tg_hub *hub = peer->cluster->hub;
    struct roll roll = {.count = 0};

    tg_buf_init(&roll.ids, ROLL_BYTES);
    tg_room_each(tg_publish_find_scope(hub, &question->audience), question->audience.room,
                 on_member, &roll);
    struct tg_wire_answer answer = {
        .id = question->id,
        .answers = {.count = roll.count,
                    .ids = tg_buf_str(&roll.ids),
                    .is_partial = roll.ids.err != TG_OK},
        .has_ids = true,
    };
    int err = send_answer(peer, &answer);
    tg_buf_fini(&roll.ids);
    return err;
}

static int answer_count(struct tg_peer *peer, const struct tg_wire_question *question)
{
    struct tg_hub *hub = peer->cluster->hub;
    const struct tg_scope *scope = tg_publish_find_scope(hub, &question->audience);
    struct tg_wire_answer answer = {
        .id = question->id,
        .answers = {.count = tg_room_count(scope, question->audience.room)},
    };

    return send_answer(peer, &answer);
}

static int take_question(struct tg_peer *peer, struct tg_str body)
{
    struct tg_wire_question question;
    int err = tg_wire_read_question(body, &question);

    if (err) {
        return err;
    }
    if (!take_share(peer, body.length)) {
        return TG_ERR_FULL;
    }
    err = question.kind == TG_QUESTION_MEMBERS ? answer_members(peer, &question)
                                               : answer_count(peer, &question);
    if (err) {
        /* What can't be said in full is said in short. When that is not possible either the
         * asker's time runs out and tells it the same. */
        struct tg_wire_answer nothing = {question.id, {.is_partial = true}, false};
        (void)send_answer(peer, &nothing);
    }
    return TG_OK;
}

static int take_answer(struct tg_peer *peer, struct tg_str body, bool has_ids)
{
    struct tg_wire_answer answer;
    int err = tg_wire_read_answer(body, has_ids, &answer);

    if (err == TG_OK) {
        tg_inquiry_answer(&peer->cluster->inquiries, answer.id, peer->slot, &answer.answers);
    }
    return err;
}

int tg_delivery_take(struct tg_peer *peer, const struct tg_mail_view *mail)
{
    switch (mail->kind) {
    case TG_WIRE_PUBLICATION:
        return take_publication(peer, mail->body);
    case TG_WIRE_QUESTION:
        return take_question(peer, mail->body);
    case TG_WIRE_ANSWER:
        return take_answer(peer, mail->body, false);
    case TG_WIRE_ROLL:
        return take_answer(peer, mail->body, true);
    default:
        return TG_ERR_SYNTAX;
    }
}
