/* SPDX-License-Identifier: MIT */
/* tg_line_open -> the far end writes -> tg_line_read hands messages over -> the hub queues and
 * wakes
 * -> tg_line_flush gives the octets to the far end. What can go wrong: the far end stalls (octets
 * fly until it reads again), breaks rules (the frame reader says so), or vanishes (tg_line_cut). */
#include "kit/line.h"

#include <stdlib.h>

#include "base/err.h"
#include "hub/gateway.h"
#include "hub/handshake.h"
#include "hub/hub.h"
#include "kit/sim_worker.h"

enum { READ_BYTES = 16384, SCRATCH_BYTES = 65536 };

/* --- what the hub asks --- */

static void mark_readable(struct tg_conn *line)
{
    if (line->worker && tg_link_is_alone(&line->readable)) {
        tg_list_append(&line->worker->readable, &line->readable);
    }
}

static void mark_dirty(struct tg_conn *line)
{
    if (line->worker && tg_link_is_alone(&line->dirty)) {
        tg_list_append(&line->worker->dirty, &line->dirty);
    }
}

static void on_pause(struct tg_conn *line, bool is_paused)
{
    line->is_paused = is_paused;
    mark_dirty(line);
}

static void on_finish(struct tg_conn *line)
{
    struct tg_hub *hub = &line->worker->hub;

    if (line->phase == TG_LINE_OPEN) {
        line->phase = TG_LINE_FINISHING;
        tg_timer_set(hub->wheel, &line->deadline,
                     tg_hub_now_ms(hub) + hub->config->close_deadline_ms);
        mark_dirty(line);
    }
}

static void on_abort(struct tg_conn *line)
{
    line->is_aborting = true;
    mark_dirty(line);
}

const struct tg_transport *tg_line_transport(void)
{
    static const struct tg_transport transport = {mark_dirty, on_pause, on_finish, on_abort};

    return &transport;
}

/* --- life --- */

/* Whoever should have closed the connection has not done so in time. */
static void on_deadline(struct tg_timer *timer)
{
    on_abort(TG_CONTAINER(timer, struct tg_conn, deadline));
}

struct tg_conn *tg_line_open(struct tg_sim_worker *worker, struct tg_verdict *verdict)
{
    struct tg_conn *line = calloc(1, sizeof(*line));

    if (!line) {
        tg_verdict_drop(&worker->hub, verdict);
        return NULL;
    }
    line->worker = worker;
    line->slot = worker->slot;
    tg_far_end_init(&line->far);
    tg_buf_init(&line->refused, SCRATCH_BYTES);
    tg_link_init(&line->readable);
    tg_link_init(&line->dirty);
    tg_timer_init(&line->deadline, on_deadline);
    line->client = tg_client_open(&worker->hub, verdict, line);
    if (!line->client) {
        tg_line_lose(line);
        tg_line_destroy(line);
        return NULL;
    }
    tg_client_id(line->client, line->id);
    return line;
}

/* Takes it out of everything that knows it. */
static void detach(struct tg_conn *line)
{
    tg_timer_cancel(line->worker->hub.wheel, &line->deadline);
    tg_link_remove(&line->readable);
    tg_link_remove(&line->dirty);
    tg_ws_frame_fini(&line->reader);
    line->phase = TG_LINE_ENDED;
    line->client = NULL;
    line->worker = NULL;
}

void tg_line_lose(struct tg_conn *line)
{
    struct tg_client *client = line->client;

    if (!line->worker) {
        return;
    }
    line->is_worker_lost = !tg_line_is_ending(line);
    detach(line);
    /* Who is registered goes with the hub; who is not waits for its socket alone. */
    if (client && client->phase == TG_CLIENT_ENDED) {
        tg_client_lost(client);
    }
}

/* The socket is gone. */
static void end(struct tg_conn *line)
{
    struct tg_client *client = line->client;

    if (!tg_line_is_ending(line)) {
        line->is_decided = true;
        line->cause = TG_CLOSE_CLIENT_GONE;
    }
    detach(line);
    if (client) {
        tg_client_lost(client);
    }
}

void tg_line_destroy(struct tg_conn *line)
{
    if (line) {
        tg_far_end_fini(&line->far);
        tg_buf_fini(&line->refused);
        free(line);
    }
}

bool tg_line_is_ending(struct tg_conn *line)
{
    if (!line->is_decided && line->client && line->client->phase >= TG_CLIENT_CLOSING) {
        line->is_decided = true;
        line->cause = line->client->cause;
    }
    return line->is_decided || line->is_worker_lost;
}

/* --- from the far end --- */

/* As net's conn_stream: who sends much at once waits for its answers to leave. */
static bool is_taking(const struct tg_conn *line)
{
    if (line->phase != TG_LINE_OPEN || line->is_paused || line->is_aborting || line->is_blocked) {
        return false;
    }
    struct tg_outbox_limits limits = tg_client_outbox_limits(line->client);
    const struct tg_outbox *outbox = &line->client->outbox;
    return outbox->count <= limits.messages / 2 && outbox->bytes <= limits.bytes / 2;
}

static void hand_over(struct tg_client *client, const struct tg_ws_event *event)
{
    switch (event->kind) {
    case TG_WS_MESSAGE:
        tg_client_receive(client, event->opcode, event->payload);
        break;
    case TG_WS_PING:
        tg_client_ping(client, event->payload);
        break;
    case TG_WS_CLOSE:
        tg_client_peer_close(client, event->code);
        break;
    case TG_WS_FAULT:
        tg_client_fault(client, event->fault);
        break;
    case TG_WS_PONG:
    case TG_WS_NOTHING:
        break;
    }
}

static void feed(struct tg_conn *line, struct tg_ws_input *input)
{
    const struct tg_config *config = line->worker->hub.config;
    struct tg_ws_limits limits = {
        .message_bytes = (uint32_t)line->client->message_bytes,
        .message_fragments = (uint32_t)config->message_fragments,
    };
    struct tg_ws_event event;

    while (input->length > 0 && is_taking(line)) {
        tg_ws_frame_next(&line->reader, input, &limits, &event);
        hand_over(line->client, &event);
        tg_ws_frame_release(&line->reader);
    }
}

void tg_line_read(struct tg_conn *line)
{
    struct tg_buf *up = &line->far.up;

    if (line->phase != TG_LINE_OPEN) {
        tg_buf_clear(up); /* as octets that a closing connection discards */
        return;
    }
    if (up->length == 0 || !is_taking(line)) {
        return;
    }
    size_t share = up->length < READ_BYTES ? up->length : READ_BYTES;
    struct tg_ws_input input = {(uint8_t *)up->at, share};

    tg_hub_count(&line->worker->hub, TG_COUNT_BYTES_IN, share);
    tg_client_touch(line->client);
    feed(line, &input);
    tg_far_end_was_read(&line->far, share - input.length);
    if (up->length > 0) {
        mark_dirty(line); /* which marks it readable when there is room again */
    }
}

void tg_line_wrote(struct tg_conn *line)
{
    mark_readable(line);
}

void tg_line_stall(struct tg_conn *line, bool is_stalled)
{
    line->is_stalled = is_stalled;
    mark_dirty(line);
}

void tg_line_cut(struct tg_conn *line)
{
    if (line->worker) {
        end(line);
    }
}

int tg_line_fill(struct tg_conn *line)
{
    int err = TG_OK;

    if (!line->client || !tg_client_is_open(line->client)) {
        return TG_ERR_CLOSED;
    }
    struct tg_outbox_limits limits = tg_client_outbox_limits(line->client);
    while (err == TG_OK) {
        struct tg_frame *frame = tg_frame_of(TG_OPCODE_PONG, tg_str(NULL, 0));
        err = frame ? tg_outbox_push(&line->client->outbox, frame, &limits) : TG_ERR_NOMEM;
        if (err) {
            tg_frame_unref(frame);
        }
    }
    mark_dirty(line);
    return err == TG_ERR_FULL ? TG_OK : err;
}

/* --- to the far end --- */

/* The far end reads again: what flew has arrived. */
static void unblock(struct tg_conn *line)
{
    tg_far_end_receive(&line->far, tg_buf_str(&line->refused),
                       tg_clock_wall_ms(line->worker->hub.clock));
    tg_buf_clear(&line->refused);
    line->is_blocked = false;
    tg_outbox_written(&line->client->outbox);
    tg_client_blocked(line->client, false);
}

/* False when memory is short. */
static bool write_frames(struct tg_conn *line)
{
    struct tg_hub *hub = &line->worker->hub;
    char scratch[SCRATCH_BYTES];

    while (!line->is_blocked) {
        struct tg_str octets = tg_outbox_take(&line->client->outbox, scratch, sizeof(scratch));
        if (octets.length == 0) {
            break;
        }
        tg_hub_count(hub, TG_COUNT_BYTES_OUT, octets.length);
        if (line->is_stalled) {
            tg_buf_add_str(&line->refused, octets);
            line->is_blocked = true;
            tg_client_blocked(line->client, true);
        } else {
            tg_far_end_receive(&line->far, octets, tg_clock_wall_ms(hub->clock));
            tg_outbox_written(&line->client->outbox);
        }
    }
    return line->refused.err == TG_OK;
}

void tg_line_flush(struct tg_conn *line)
{
    if (line->is_aborting) {
        end(line);
        return;
    }
    if (line->is_blocked && !line->is_stalled) {
        unblock(line);
    }
    if (!write_frames(line)) {
        end(line);
        return;
    }
    /* All is said; the far end has read it, closes too, and the line is gone. */
    if (line->phase == TG_LINE_FINISHING && tg_outbox_is_empty(&line->client->outbox)) {
        end(line);
        return;
    }
    if (line->far.up.length > 0 && (is_taking(line) || line->phase != TG_LINE_OPEN)) {
        mark_readable(line);
    }
}
