/* SPDX-License-Identifier: MIT */
/* The happy path: tg_client_open registers and runs on_connect; messages are handled one at a
 * time; the peer closes; at the end of the turn on_disconnect runs, still in its rooms; the client
 * is unregistered, its seat free again; the socket goes, the client is freed.
 *
 * What can go wrong: on_connect fails or turns the client away; the socket vanishes at any moment,
 * also while a handler is suspended; the queue runs full in the middle of somebody else's
 * broadcast. All of them only decide the end (decide_end). The end itself is run at the end of the
 * turn, when no list is being walked and no handler of this client runs: so on_disconnect comes
 * exactly once and never inside another handler. */
#include "hub/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "hub/admission.h"
#include "hub/dispatch.h"
#include "hub/first_message.h"
#include "hub/handshake.h"
#include "hub/hub.h"
#include "hub/idle_sweep.h"
#include "hub/inbox.h"
#include "hub/overruns.h"
#include "hub/provenance.h"
#include "hub/room.h"

static const char LOG_MODULE[] = "client";

struct tg_outbox_limits tg_client_outbox_limits(const struct tg_client *client)
{
    const struct tg_config *config = client->hub->config;

    return (struct tg_outbox_limits){(uint32_t)config->outbound_messages, config->outbound_bytes};
}

bool tg_client_is_open(const struct tg_client *client)
{
    return client->phase <= TG_CLIENT_OPEN && client->conn;
}

void tg_client_id(const struct tg_client *client, char id[TG_CLIENT_ID_BYTES])
{
    (void)snprintf(id, TG_CLIENT_ID_BYTES, "%016" PRIx64 "-%" PRIx64, client->hub->boot,
                   client->serial);
}

static void tell_end(const struct tg_client *client)
{
    char id[TG_CLIENT_ID_BYTES];
    uint64_t held_back = 0;
    const struct tg_close_reason_row *row = tg_close_reason_row(client->cause);

    tg_client_id(client, id);
    TG_LOG_DEBUG("connection ends", "conn=%s gateway=%s reason=%s trace=%s", id,
                 client->gateway->name, row->label, client->provenance->trace.id);
    if ((client->cause == TG_CLOSE_SLOW_CLIENT || client->cause == TG_CLOSE_WRITE_DEADLINE) &&
        tg_log_limit_pass(&client->hub->eviction_log, tg_hub_now_ms(client->hub), &held_back)) {
        TG_LOG_WARN("slow clients are evicted",
                    "conn=%s gateway=%s reason=%s trace=%s suppressed=%" PRIu64, id,
                    client->gateway->name, row->label, client->provenance->trace.id, held_back);
    }
}

/* Puts the close frame behind what is queued. Without memory for it the socket is cut. */
static void queue_close(struct tg_client *client, int code, struct tg_str reason)
{
    struct tg_frame *frame = tg_frame_close(code, reason);

    if (frame && tg_outbox_push(&client->outbox, frame, NULL) == TG_OK) {
        client->hub->transport->finish(client->conn);
        return;
    }
    tg_frame_unref(frame);
    client->hub->transport->abort(client->conn);
}

/* The first reason stands: later ones change nothing. */
static void decide_end(struct tg_client *client, enum tg_close_reason cause, int code,
                       struct tg_str reason)
{
    struct tg_hub *hub = client->hub;

    if (client->phase >= TG_CLIENT_CLOSING) {
        return;
    }
    client->phase = TG_CLIENT_CLOSING;
    client->cause = (uint8_t)cause;
    tg_hub_count(hub, TG_COUNT_CLOSED + (uint32_t)cause, 1);
    tell_end(client);
    tg_idle_sweep_stop(client);
    tg_inbox_destroy(client->inbox);
    client->inbox = NULL;
    if (cause == TG_CLOSE_SLOW_CLIENT || cause == TG_CLOSE_WRITE_DEADLINE) {
        tg_outbox_drop(&client->outbox);
    }
    if (client->conn) {
        queue_close(client, code, reason);
    }
    tg_list_append(&hub->ending, &client->ending);
}

void tg_client_close(struct tg_client *client, enum tg_close_reason reason)
{
    const struct tg_close_reason_row *row = tg_close_reason_row(reason);

    decide_end(client, reason, row->code, tg_str_of(row->text));
}

static int keep_close_wish(struct tg_client *client, int code, struct tg_str reason)
{
    if (client->has_close_wish) {
        return TG_OK;
    }
    char *copy = tg_str_copy(reason);
    if (!copy) {
        return TG_ERR_NOMEM;
    }
    free(client->wish_reason);
    client->wish_reason = copy;
    client->wish_code = (uint16_t)code;
    client->has_close_wish = true;
    return TG_OK;
}

int tg_client_close_with(struct tg_client *client, int code, struct tg_str reason)
{
    if (!tg_close_code_is_sendable(code)) {
        return TG_ERR_INVALID;
    }
    if (!tg_client_is_open(client)) {
        return TG_ERR_CLOSED;
    }
    if (client->hub->running == client && client->is_busy) {
        return keep_close_wish(client, code, reason);
    }
    decide_end(client, TG_CLOSE_CLOSED_BY_GATEWAY, code, reason);
    return TG_OK;
}

void tg_client_grant_wish(struct tg_client *client)
{
    if (client->has_close_wish) {
        client->has_close_wish = false;
        (void)tg_client_close_with(client, client->wish_code, tg_str_of(client->wish_reason));
    }
}

/* The outbox took no frame more: decides the end. */
__attribute__((noinline)) static int refuse_frame(struct tg_client *client, int err)
{
    if (err == TG_ERR_FULL) {
        tg_client_close(client, TG_CLOSE_SLOW_CLIENT);
        return TG_ERR_EVICTED;
    }
    tg_client_close(client, TG_CLOSE_NO_MEMORY);
    return err;
}

/* Queues with a reference of its own; a full queue decides the end. */
static inline int queue(struct tg_client *client, struct tg_frame *frame)
{
    struct tg_outbox_limits limits = tg_client_outbox_limits(client);
    int err = tg_outbox_push(&client->outbox, frame, &limits);

    if (err) {
        return refuse_frame(client, err);
    }
    (void)tg_frame_ref(frame);
    client->hub->transport->wake(client->conn);
    return TG_OK;
}

int tg_client_send(struct tg_client *client, struct tg_frame *frame)
{
    if (!tg_client_is_open(client)) {
        return TG_ERR_CLOSED;
    }
    if (frame->length > client->hub->config->outbound_bytes) {
        return TG_ERR_TOO_LARGE;
    }
    int err = queue(client, frame);
    if (err == TG_OK) {
        tg_hub_count(client->hub, TG_COUNT_MESSAGES_OUT, 1);
    }
    return err;
}

/* --- opening --- */

static struct tg_client *create(struct tg_hub *hub, struct tg_verdict *verdict,
                                struct tg_conn *conn)
{
    struct tg_client *client = calloc(1, sizeof(*client));

    if (!client) {
        return NULL;
    }
    client->hub = hub;
    client->gateway = verdict->gateway;
    client->provenance = verdict->provenance;
    client->ticket = verdict->ticket;
    client->conn = conn;
    client->phase = TG_CLIENT_CONNECTING;
    tg_link_init(&client->ending);
    if (tg_registry_add(&hub->registry, client) != TG_OK) {
        free(client);
        return NULL;
    }
    if (!verdict->waits_for_auth && tg_scope_enter(client) != TG_OK) {
        tg_registry_remove(&hub->registry, client);
        free(client);
        return NULL;
    }
    verdict->provenance = NULL;
    client->message_bytes = client->gateway->message_bytes ? client->gateway->message_bytes
                                                           : hub->config->message_bytes;
    client->gateway->client_count++;
    tg_row_set(hub->row, TG_COUNT_CONNECTIONS, hub->registry.count);
    return client;
}

/* on_connect has ended. */
static void finish_connect(struct tg_client *client, const struct tg_answer *answer)
{
    const struct tg_close_reason_row *row = tg_close_reason_row(TG_CLOSE_TURNED_AWAY);

    switch (answer->outcome) {
    case TG_OUTCOME_DONE:
        if (client->phase == TG_CLIENT_CONNECTING) {
            client->phase = TG_CLIENT_OPEN;
        }
        tg_client_grant_wish(client);
        return;
    case TG_OUTCOME_REFUSED:
        if (tg_close_code_is_sendable(answer->close_code)) {
            decide_end(client, TG_CLOSE_TURNED_AWAY, answer->close_code, answer->message);
        } else {
            decide_end(client, TG_CLOSE_TURNED_AWAY, row->code, tg_str_of(row->text));
        }
        return;
    case TG_OUTCOME_OVERRAN:
        tg_client_close(client, TG_CLOSE_HANDLER_TIMEOUT);
        return;
    case TG_OUTCOME_FAILED:
    case TG_OUTCOME_SUSPENDED:
        tg_client_close(client, TG_CLOSE_SCRIPT_FAILED);
        return;
    }
}

static void connect_client(struct tg_client *client)
{
    struct tg_call call = {.kind = TG_CALL_CONNECT, .client = client};
    struct tg_answer answer = {.outcome = TG_OUTCOME_DONE};

    if (client->gateway->has_connect) {
        client->is_busy = true;
        client->gateway->script->call(client->gateway->vm, &call, &answer);
        if (answer.outcome == TG_OUTCOME_SUSPENDED) {
            return;
        }
        client->is_busy = false;
    }
    finish_connect(client, &answer);
}

struct tg_client *tg_client_open(struct tg_hub *hub, struct tg_verdict *verdict,
                                 struct tg_conn *conn)
{
    struct tg_client *client = create(hub, verdict, conn);

    if (!client) {
        tg_verdict_drop(hub, verdict);
        return NULL;
    }
    tg_hub_count(hub, TG_COUNT_UPGRADES, 1);
    tg_idle_sweep_start(client);
    if (verdict->waits_for_auth) {
        client->phase = TG_CLIENT_AUTHENTICATING;
        client->auth_due_ms = tg_hub_due_ms(hub, hub->config->auth_timeout_ms);
        tg_idle_sweep_again(client);
    } else {
        connect_client(client);
    }
    return client;
}

void tg_client_admit(struct tg_client *client)
{
    if (tg_scope_enter(client) != TG_OK) {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
        return;
    }
    client->phase = TG_CLIENT_CONNECTING;
    tg_idle_sweep_again(client);
    connect_client(client);
}

/* --- messages --- */

/* A message came while the client's handler is suspended. */
static void keep_message(struct tg_client *client, enum tg_opcode opcode, struct tg_str message)
{
    if (!client->inbox) {
        client->inbox = tg_inbox_create();
    }
    if (!client->inbox || tg_inbox_put(client->inbox, opcode, message) != TG_OK) {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
        return;
    }
    if (!client->is_paused && tg_inbox_is_full(client->inbox, client->message_bytes)) {
        client->is_paused = true;
        client->hub->transport->pause(client->conn, true);
    }
}

void tg_client_receive(struct tg_client *client, enum tg_opcode opcode, struct tg_str message)
{
    if (!tg_client_is_open(client)) {
        return;
    }
    if (client->phase == TG_CLIENT_AUTHENTICATING) {
        tg_first_message_receive(client, opcode, message);
    } else if (client->is_busy || client->inbox) {
        keep_message(client, opcode, message);
    } else {
        tg_dispatch_message(client, opcode, message);
    }
}

/* The call that made messages wait has ended: handle them until the next one suspends. */
static void drain_inbox(struct tg_client *client)
{
    while (client->inbox && tg_client_is_open(client) && !client->is_busy) {
        struct tg_inbox_message *message = tg_inbox_take(client->inbox);
        if (!message) {
            tg_inbox_destroy(client->inbox);
            client->inbox = NULL;
            break;
        }
        tg_dispatch_message(client, message->opcode, tg_str(message->octets, message->length));
        free(message);
    }
    if (client->is_paused && !client->inbox && tg_client_is_open(client)) {
        client->is_paused = false;
        client->last_seen_ms = tg_hub_now_ms(client->hub);
        client->hub->transport->pause(client->conn, false);
        tg_idle_sweep_again(client);
    }
}

void tg_client_ping(struct tg_client *client, struct tg_str payload)
{
    if (!tg_client_is_open(client)) {
        return;
    }
    struct tg_frame *pong = tg_frame_of(TG_OPCODE_PONG, payload);
    if (!pong) {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
        return;
    }
    (void)queue(client, pong);
    tg_frame_unref(pong);
}

void tg_client_touch(struct tg_client *client)
{
    client->last_seen_ms = tg_hub_now_ms(client->hub);
}

void tg_client_peer_close(struct tg_client *client, int code)
{
    decide_end(client, TG_CLOSE_CLIENT_CLOSED, code, tg_str(NULL, 0));
}

void tg_client_fault(struct tg_client *client, enum tg_close_reason reason)
{
    tg_client_close(client, reason);
}

void tg_client_blocked(struct tg_client *client, bool is_blocked)
{
    if (client->is_blocked == is_blocked) {
        return;
    }
    client->is_blocked = is_blocked;
    client->blocked_since_ms = tg_hub_now_ms(client->hub);
    client->last_seen_ms = client->blocked_since_ms;
    if (tg_client_is_open(client)) {
        tg_idle_sweep_again(client);
    }
}

/* --- ending --- */

static void destroy(struct tg_client *client)
{
    client->gateway->client_count--;
    tg_outbox_fini(&client->outbox);
    tg_inbox_destroy(client->inbox);
    tg_provenance_unref(client->provenance);
    free(client->request_id);
    free(client->wish_reason);
    free(client->overruns);
    free(client);
}

/* on_disconnect has run: the seat is free again, though the socket may linger a while. */
static void unregister(struct tg_client *client)
{
    struct tg_hub *hub = client->hub;

    client->phase = TG_CLIENT_ENDED;
    tg_scope_leave(client);
    tg_registry_remove(&hub->registry, client);
    tg_row_set(hub->row, TG_COUNT_CONNECTIONS, hub->registry.count);
    tg_admission_give(hub, &client->ticket);
    client->gateway->script->forget(client->gateway->vm, client);
    if (!client->conn) {
        destroy(client);
    }
}

void tg_client_discard(struct tg_client *client)
{
    tg_idle_sweep_stop(client);
    tg_link_remove(&client->ending);
    client->conn = NULL;
    unregister(client);
}

/* A busy client is stepped again when its call ends. */
void tg_client_step_end(struct tg_client *client)
{
    struct tg_call call = {.kind = TG_CALL_DISCONNECT, .client = client, .cause = client->cause};
    struct tg_answer answer = {.outcome = TG_OUTCOME_DONE};

    if (client->is_busy) {
        return;
    }
    if (client->phase == TG_CLIENT_CLOSING) {
        client->phase = TG_CLIENT_LEAVING;
        /* Who never came as far as on_connect is in no scope. */
        if (client->gateway->has_disconnect && client->scope) {
            client->is_busy = true;
            client->gateway->script->call(client->gateway->vm, &call, &answer);
        }
        if (answer.outcome == TG_OUTCOME_SUSPENDED) {
            return;
        }
        client->is_busy = false;
        client->has_left = true;
    }
    if (client->has_left) {
        unregister(client);
    }
}

void tg_client_lost(struct tg_client *client)
{
    client->conn = NULL;
    if (client->phase == TG_CLIENT_ENDED) {
        destroy(client);
        return;
    }
    decide_end(client, TG_CLOSE_CLIENT_GONE, 0, tg_str(NULL, 0));
}

void tg_client_resume_done(struct tg_client *client, const struct tg_answer *answer)
{
    client->is_busy = false;
    switch ((enum tg_client_phase)client->phase) {
    case TG_CLIENT_CONNECTING:
        finish_connect(client, answer);
        break;
    case TG_CLIENT_OPEN:
        tg_dispatch_finish(client, answer);
        break;
    case TG_CLIENT_LEAVING:
        client->has_left = true;
        break;
    case TG_CLIENT_AUTHENTICATING:
    case TG_CLIENT_CLOSING:
    case TG_CLIENT_ENDED:
        break;
    }
    if (client->phase >= TG_CLIENT_CLOSING && tg_link_is_alone(&client->ending)) {
        tg_list_append(&client->hub->ending, &client->ending);
        return;
    }
    drain_inbox(client);
}
