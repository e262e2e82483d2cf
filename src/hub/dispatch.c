/* SPDX-License-Identifier: MIT */
/* The happy path: the envelope is read, the event has a handler, the handler returns, the answer
 * is queued. A message that fails on the way is counted by reason and answered when it bears an
 * id; it never closes the connection and never reaches the script. */
#include "hub/dispatch.h"

#include <stdlib.h>

#include "hub/client.h"
#include "hub/envelope.h"
#include "hub/hub.h"
#include "hub/overruns.h"
#include "hub/refresh.h"

/* Queues a frame of our own making; NULL stands for failed memory. */
static void send_answer(struct tg_client *client, struct tg_frame *frame)
{
    if (!frame) {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
        return;
    }
    (void)tg_client_send(client, frame);
    tg_frame_unref(frame);
}

static void send_error(struct tg_client *client, struct tg_str id, const char *code,
                       const char *message)
{
    send_answer(client, tg_envelope_error(id, tg_str_of(code), tg_str_of(message)));
}

static void ignore(struct tg_client *client, struct tg_str id, enum tg_ignored reason)
{
    static const char *const messages[] = {
        [TG_IGNORED_MALFORMED] = "malformed message",
        [TG_IGNORED_TOO_DEEP] = "nested too deeply, or too many values",
        [TG_IGNORED_BAD_EVENT] = "event is missing or no name",
        [TG_IGNORED_BAD_ID] = "id is neither a string nor an integer",
        [TG_IGNORED_UNKNOWN_EVENT] = "no such event",
        [TG_IGNORED_UNAUTHORIZED] = "unauthorized",
        [TG_IGNORED_RATE_LIMITED] = "too many tokens",
    };

    tg_hub_count(client->hub, TG_COUNT_IGNORED + (uint32_t)reason, 1);
    if (id.length > 0) {
        send_error(client, id, tg_ignored_code(reason), messages[reason]);
    }
}

static void answer_value(struct tg_client *client, struct tg_str id, struct tg_str data)
{
    struct tg_frame *frame = tg_envelope_answer(id, data);

    if (frame && frame->length > client->hub->config->outbound_bytes) {
        tg_frame_unref(frame);
        send_error(client, id, "handler_error", "the answer is too large");
        return;
    }
    send_answer(client, frame);
}

/* Every request is answered exactly once: here, or, when it was ignored, there. */
static void answer_request(struct tg_client *client, struct tg_str id,
                           const struct tg_answer *answer)
{
    if (id.length == 0) {
        return;
    }
    switch (answer->outcome) {
    case TG_OUTCOME_DONE:
        answer_value(client, id, answer->data);
        return;
    case TG_OUTCOME_REFUSED:
        send_answer(client, tg_envelope_error(id, answer->code, answer->message));
        return;
    case TG_OUTCOME_OVERRAN:
        send_error(client, id, "handler_timeout", "the handler ran for too long");
        return;
    case TG_OUTCOME_FAILED:
    case TG_OUTCOME_SUSPENDED:
        send_error(client, id, "handler_error", "the handler failed");
        return;
    }
}

static void keep_id(struct tg_client *client, struct tg_str id)
{
    if (id.length == 0) {
        return;
    }
    client->request_id = tg_str_copy(id);
    if (!client->request_id) {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
    }
}

/* Without memory to count with, the client is closed as if it had had as many. */
static void charge_overrun(struct tg_client *client)
{
    const struct tg_hub *hub = client->hub;
    uint32_t most = (uint32_t)hub->config->overruns_per_minute;

    if (most > 0 && !client->overruns) {
        client->overruns = tg_overruns_create(most);
    }
    if (most > 0 && (!client->overruns || tg_overruns_add(client->overruns, tg_hub_now_ms(hub)))) {
        tg_client_close(client, TG_CLOSE_HANDLER_TIMEOUT);
    }
}

/* The call has ended. */
static void settle(struct tg_client *client, struct tg_str id, const struct tg_answer *answer)
{
    answer_request(client, id, answer);
    tg_client_grant_wish(client);
    if (answer->outcome == TG_OUTCOME_OVERRAN) {
        charge_overrun(client);
    }
}

static void run(struct tg_client *client, struct tg_call *call, struct tg_str id)
{
    struct tg_answer answer = {.outcome = TG_OUTCOME_FAILED};

    tg_hub_count(client->hub, TG_COUNT_MESSAGES_IN, 1);
    call->client = client;
    call->wants_answer = id.length > 0;
    client->is_busy = true;
    client->gateway->script->call(client->gateway->vm, call, &answer);
    if (answer.outcome == TG_OUTCOME_SUSPENDED) {
        keep_id(client, id);
        return;
    }
    client->is_busy = false;
    settle(client, id, &answer);
}

void tg_dispatch_finish(struct tg_client *client, const struct tg_answer *answer)
{
    char *id = client->request_id;

    client->request_id = NULL;
    settle(client, tg_str_of(id), answer);
    free(id);
}

/* The core's own event: no handler sees it. */
static void refresh(struct tg_client *client, const struct tg_envelope *envelope)
{
    switch (tg_refresh_try(client, envelope->data)) {
    case TG_OK:
        if (envelope->id.length > 0) {
            answer_value(client, envelope->id, TG_STR("true"));
        }
        return;
    case TG_ERR_NOMEM:
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
        return;
    case TG_ERR_FULL:
        ignore(client, envelope->id, TG_IGNORED_RATE_LIMITED);
        return;
    default:
        ignore(client, envelope->id, TG_IGNORED_UNAUTHORIZED);
        return;
    }
}

static void run_event(struct tg_client *client, struct tg_str message)
{
    struct tg_envelope envelope;
    enum tg_ignored fault = tg_envelope_read(message, &tg_json_default_limits, &envelope);

    if (fault != TG_IGNORED_COUNT) {
        ignore(client, envelope.id, fault);
        return;
    }
    if (tg_str_is(envelope.event, TG_STR("auth"))) {
        refresh(client, &envelope);
        return;
    }
    const struct tg_event *event = tg_gateway_find_event(client->gateway, envelope.event);
    if (!event) {
        ignore(client, envelope.id, TG_IGNORED_UNKNOWN_EVENT);
        return;
    }
    struct tg_call call = {.kind = TG_CALL_EVENT, .event = event, .payload = envelope.data};
    run(client, &call, envelope.id);
}

void tg_dispatch_message(struct tg_client *client, enum tg_opcode opcode, struct tg_str message)
{
    struct tg_call call = {.payload = message};

    if (opcode == TG_OPCODE_BINARY && !client->gateway->has_binary) {
        tg_client_close(client, TG_CLOSE_BINARY_REFUSED);
    } else if (opcode == TG_OPCODE_BINARY) {
        call.kind = TG_CALL_BINARY;
        run(client, &call, tg_str(NULL, 0));
    } else if (client->gateway->has_text) {
        call.kind = TG_CALL_TEXT;
        run(client, &call, tg_str(NULL, 0));
    } else {
        run_event(client, message);
    }
}
