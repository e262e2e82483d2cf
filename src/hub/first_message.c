/* SPDX-License-Identifier: MIT */
#include "hub/first_message.h"

#include "hub/admission.h"
#include "hub/auth.h"
#include "hub/client.h"
#include "hub/envelope.h"
#include "hub/hub.h"
#include "hub/provenance.h"
#include "hub/refresh.h"
#include "hub/revocations.h"
#include "hub/tenant_source.h"

static const char LOG_MODULE[] = "first_message";

/* The verdict; reason is TG_CLOSE_REASON_COUNT when it is good. */
struct verdict {
    struct tg_token token;
    char tenant_text[TG_TENANT_MAX + 1];
    struct tg_str tenant; /* .at NULL: none */
    enum tg_close_reason reason;
    const char *why; /* for the log */
};

static enum tg_close_reason reason_of(enum tg_refusal refusal)
{
    switch (refusal) {
    case TG_REFUSAL_NONE:
        return TG_CLOSE_REASON_COUNT;
    case TG_REFUSAL_NO_TENANT:
        return TG_CLOSE_NO_TENANT;
    case TG_REFUSAL_UNKNOWN_TENANT:
        return TG_CLOSE_UNKNOWN_TENANT;
    case TG_REFUSAL_TENANT_SUSPENDED:
        return TG_CLOSE_TENANT_SUSPENDED;
    case TG_REFUSAL_WRONG_TENANT:
        return TG_CLOSE_WRONG_TENANT;
    case TG_REFUSAL_NO_MEMORY:
        return TG_CLOSE_NO_MEMORY;
    default:
        return TG_CLOSE_AT_CAPACITY;
    }
}

/* The rules are those of the handshake (hub/handshake.c), with what the request named then. */
static enum tg_refusal find_tenant(const struct tg_client *client, struct verdict *verdict)
{
    const struct tg_provenance *provenance = client->provenance;
    struct tg_tenant_named named = {
        .id = tg_str_of(provenance->tenant),
        .rank = provenance->tenant_rank,
    };
    struct tg_str tenant;
    enum tg_refusal refusal = tg_tenant_source_decide(client->hub, client->gateway->tenant, &named,
                                                      tg_str_of(verdict->token.tenant), &tenant);

    if (refusal == TG_REFUSAL_NONE && tenant.at) {
        memcpy(verdict->tenant_text, tenant.at, tenant.length);
        verdict->tenant = tg_str(verdict->tenant_text, tenant.length);
    }
    return refusal;
}

static enum tg_close_reason judge_token(struct tg_client *client, struct verdict *verdict)
{
    struct tg_hub *hub = client->hub;

    verdict->why = NULL;
    enum tg_refusal refusal = find_tenant(client, verdict);
    if (refusal != TG_REFUSAL_NONE) {
        return reason_of(refusal);
    }
    struct tg_bearer bearer = {
        .jti = tg_str_of(verdict->token.jti),
        .sub = tg_str_of(verdict->token.sub),
        .tenant = verdict->tenant,
    };
    if (tg_revocations_hit(hub, &bearer)) {
        verdict->why = "revoked";
        return TG_CLOSE_UNAUTHORIZED;
    }
    return verdict->tenant.at
               ? reason_of(tg_admission_take_tenant(hub, verdict->tenant, &client->ticket))
               : TG_CLOSE_REASON_COUNT;
}

/* *id becomes that of the message, when it has one. */
static void judge(struct tg_client *client, enum tg_opcode opcode, struct tg_str message,
                  struct tg_envelope *envelope, struct verdict *verdict)
{
    verdict->reason = TG_CLOSE_UNAUTHORIZED;
    verdict->why = "no_auth_event";
    if (opcode != TG_OPCODE_TEXT ||
        tg_envelope_read(message, &tg_json_default_limits, envelope) != TG_IGNORED_COUNT ||
        !tg_str_is(envelope->event, TG_STR("auth"))) {
        return;
    }
    int err = tg_refresh_read(client->hub, envelope->data, &verdict->token, &verdict->why);
    if (err == TG_ERR_NOMEM) {
        verdict->reason = TG_CLOSE_NO_MEMORY;
    } else if (err == TG_OK) {
        verdict->reason = judge_token(client, verdict);
    }
}

static void answer(struct tg_client *client, struct tg_str id, enum tg_close_reason reason)
{
    struct tg_frame *frame =
        reason == TG_CLOSE_REASON_COUNT
            ? tg_envelope_answer(id, TG_STR("true"))
            : tg_envelope_error(id, TG_STR("unauthorized"), TG_STR("unauthorized"));

    if (frame) {
        (void)tg_client_send(client, frame);
        tg_frame_unref(frame);
    } else {
        tg_client_close(client, TG_CLOSE_NO_MEMORY);
    }
}

static void refuse(struct tg_client *client, const struct verdict *verdict)
{
    char id[TG_CLIENT_ID_BYTES];

    tg_client_id(client, id);
    TG_LOG_DEBUG("first message refused", "conn=%s gateway=%s reason=%s why=%s trace=%s", id,
                 client->gateway->name, tg_close_reason_row(verdict->reason)->label,
                 verdict->why ? verdict->why : "-", client->provenance->trace.id);
    tg_client_close(client, verdict->reason);
}

void tg_first_message_receive(struct tg_client *client, enum tg_opcode opcode,
                              struct tg_str message)
{
    struct tg_envelope envelope = {.id = {NULL, 0}};
    struct verdict verdict = {.reason = TG_CLOSE_UNAUTHORIZED};

    judge(client, opcode, message, &envelope, &verdict);
    if (envelope.id.length > 0) {
        answer(client, envelope.id, verdict.reason);
    }
    if (verdict.reason != TG_CLOSE_REASON_COUNT) {
        refuse(client, &verdict);
    } else if (tg_client_is_open(client)) {
        tg_provenance_set_token(client->provenance, &verdict.token);
        tg_provenance_set_tenant(client->provenance, verdict.tenant);
        tg_client_admit(client);
    }
    tg_token_fini(&verdict.token);
}
