/* SPDX-License-Identifier: MIT */
/* The order of the checks: first what costs nothing (draining, the address's rate, path, origin,
 * subprotocol, a look at the seats), then the token, whose signature costs the most, and last the
 * reservation, so that nobody who is refused ever held a seat. */
#include "hub/handshake.h"

#include "hub/admission.h"
#include "hub/auth.h"
#include "hub/credentials.h"
#include "hub/hub.h"
#include "hub/origin.h"
#include "hub/provenance.h"
#include "hub/revocations.h"
#include "hub/tenant_source.h"

static const char LOG_MODULE[] = "handshake";

enum { SUBPROTOCOLS_MAX = 32 };

/* What has been found out so far. Credentials and token are freed at the end of the decision. */
struct findings {
    struct tg_credentials credentials;
    struct tg_param params[TG_GATEWAY_PARAMS_MAX];
    uint32_t param_count;
    struct tg_token token;
    struct tg_tenant_named named;
    struct tg_str tenant; /* .at NULL: none */
    struct tg_trace trace;
    const char *why; /* for the log */
};

uint32_t tg_handshake_find(const struct tg_handshake *request, struct tg_str name,
                           struct tg_str *value)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < request->header_count; i++) {
        if (tg_str_is_caseless(request->headers[i].name, name) && found++ == 0) {
            *value = request->headers[i].value;
        }
    }
    return found;
}

/* A path without parameters goes before one with: "/chat/help" before "/chat/:room". */
static struct tg_gateway *find_gateway(const struct tg_hub *hub, struct tg_str path,
                                       struct findings *found)
{
    struct tg_gateway *best = NULL;

    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        struct tg_param params[TG_GATEWAY_PARAMS_MAX];
        uint32_t count;
        if (tg_gateway_match_path(hub->gateways[i], path, params, &count) &&
            (!best || count < found->param_count)) {
            best = hub->gateways[i];
            found->param_count = count;
            memcpy(found->params, params, sizeof(params));
        }
    }
    return best;
}

/* Browsers name the page that connects; whoever names nothing is no browser (RFC 6455
 * section 10.2). */
static bool is_origin_allowed(const struct tg_handshake *request, const struct tg_gateway *gateway)
{
    struct tg_str origin = {NULL, 0};
    struct tg_str host = {NULL, 0};
    uint32_t count = tg_handshake_find(request, TG_STR("origin"), &origin);

    (void)tg_handshake_find(request, TG_STR("host"), &host);
    return count == 0 ||
           (count == 1 &&
            tg_origin_may_connect(gateway->has_origins ? &gateway->origins : NULL, origin, host));
}

static struct tg_str find_subprotocol(const struct tg_gateway *gateway, struct tg_str offered)
{
    if (gateway->subprotocols.count == 0 && tg_str_is(offered, TG_STR("tidegate.v1")) &&
        !gateway->has_text) {
        return TG_STR("tidegate.v1");
    }
    for (uint32_t i = 0; i < gateway->subprotocols.count; i++) {
        struct tg_str spoken = tg_str_of(gateway->subprotocols.items[i]);
        if (tg_str_is(spoken, offered)) {
            return spoken;
        }
    }
    return tg_str(NULL, 0);
}

/* The first offered one that is spoken (RFC 6455 section 4.2.2); a token among them is no offer.
 * False when some are offered and none is: the client could not understand what it would get. */
static bool choose_subprotocol(const struct tg_handshake *request, const struct tg_gateway *gateway,
                               struct tg_str *chosen)
{
    uint32_t offers = 0;

    *chosen = tg_str(NULL, 0);
    for (uint32_t i = 0; i < request->header_count; i++) {
        struct tg_str rest = request->headers[i].value;
        if (!tg_str_is_caseless(request->headers[i].name, TG_STR("sec-websocket-protocol"))) {
            continue;
        }
        while (rest.at) {
            struct tg_str offered = tg_str_trim(tg_str_split(&rest, ','));
            if (tg_credentials_is_subprotocol(offered)) {
                continue;
            }
            if (++offers > SUBPROTOCOLS_MAX) {
                return false;
            }
            *chosen = find_subprotocol(gateway, offered);
            if (chosen->at) {
                return true;
            }
        }
    }
    return offers == 0;
}

static enum tg_refusal find_claims(struct tg_hub *hub, const struct tg_handshake *request,
                                   const struct tg_gateway *gateway, struct findings *found)
{
    int err = tg_credentials_find(hub->config, request, &found->credentials, &found->why);

    if (!err && !found->credentials.token.at) {
        return gateway->auth == TG_PRESENCE_REQUIRED ? TG_REFUSAL_UNAUTHORIZED : TG_REFUSAL_NONE;
    }
    if (!err && !hub->auth) {
        found->why = "no_key";
        err = TG_ERR_DENIED;
    }
    if (!err) {
        err = tg_auth_verify(hub->auth, found->credentials.token, tg_clock_wall_ms(hub->clock),
                             &found->token, &found->why);
        tg_hub_count(hub, TG_COUNT_TOKEN_CACHE_HITS, found->token.is_known ? 1 : 0);
    }
    if (err == TG_ERR_NOMEM) {
        return TG_REFUSAL_NO_MEMORY;
    }
    return err ? TG_REFUSAL_UNAUTHORIZED : TG_REFUSAL_NONE;
}

static bool waits_for_auth(const struct tg_gateway *gateway, const struct findings *found)
{
    return gateway->auth == TG_PRESENCE_FIRST_MESSAGE && !found->token.claims;
}

static enum tg_refusal find_tenant(const struct tg_hub *hub, const struct tg_gateway *gateway,
                                   struct findings *found)
{
    found->why = NULL;
    if (waits_for_auth(gateway, found)) {
        /* Judged with the token, by what the request names now (hub/first_message.h). */
        found->tenant = found->named.id;
        return TG_REFUSAL_NONE;
    }
    return tg_tenant_source_decide(hub, gateway->tenant, &found->named,
                                   tg_str_of(found->token.tenant), &found->tenant);
}

/* Who bears what was revoked learns no more than who brings any other bad token. */
static enum tg_refusal find_revocation(const struct tg_hub *hub, const struct tg_gateway *gateway,
                                       struct findings *found)
{
    struct tg_bearer bearer = {
        .jti = tg_str_of(found->token.jti),
        .sub = tg_str_of(found->token.sub),
        .tenant = found->tenant,
    };

    if (waits_for_auth(gateway, found) || !tg_revocations_hit(hub, &bearer)) {
        return TG_REFUSAL_NONE;
    }
    found->why = "revoked";
    return TG_REFUSAL_UNAUTHORIZED;
}

static struct tg_provenance *make_provenance(struct tg_hub *hub, const struct tg_handshake *request,
                                             struct findings *found)
{
    tg_handshake_begin_trace(hub, request, &found->trace);
    struct tg_provenance_parts parts = {
        .trace = &found->trace,
        .tenant = found->tenant,
        .tenant_rank = found->named.rank,
        .token = &found->token,
        .path = request->path,
        .query = found->credentials.query,
        .address = request->address,
        .connected_at_ms = tg_clock_wall_ms(hub->clock),
        .params = found->params,
        .param_count = found->param_count,
    };
    return tg_provenance_create(&parts);
}

static enum tg_refusal take_seat(struct tg_hub *hub, const struct tg_handshake *request,
                                 struct findings *found, struct tg_verdict *verdict)
{
    verdict->waits_for_auth = waits_for_auth(verdict->gateway, found);
    enum tg_refusal refusal = tg_admission_take(
        hub, request->address, verdict->waits_for_auth ? tg_str(NULL, 0) : found->tenant,
        &verdict->ticket);
    if (refusal != TG_REFUSAL_NONE) {
        return refusal;
    }
    verdict->provenance = make_provenance(hub, request, found);
    if (!verdict->provenance) {
        tg_admission_give(hub, &verdict->ticket);
        return TG_REFUSAL_NO_MEMORY;
    }
    return TG_REFUSAL_NONE;
}

static enum tg_refusal decide(struct tg_hub *hub, const struct tg_handshake *request,
                              struct findings *found, struct tg_verdict *verdict)
{
    if (hub->is_draining) {
        return TG_REFUSAL_DRAINING;
    }
    enum tg_refusal refusal = tg_admission_knock(hub, request->address);
    if (refusal != TG_REFUSAL_NONE) {
        return refusal;
    }
    verdict->gateway = find_gateway(hub, request->path, found);
    if (!verdict->gateway) {
        return TG_REFUSAL_NO_ROUTE;
    }
    if (verdict->gateway->is_unavailable) {
        return TG_REFUSAL_UNAVAILABLE;
    }
    if (!is_origin_allowed(request, verdict->gateway)) {
        return TG_REFUSAL_BAD_ORIGIN;
    }
    if (!choose_subprotocol(request, verdict->gateway, &verdict->subprotocol)) {
        return TG_REFUSAL_BAD_SUBPROTOCOL;
    }
    refusal = tg_admission_look(hub, request->address);
    if (refusal == TG_REFUSAL_NONE) {
        refusal = tg_tenant_source_read(hub, request, &found->named);
    }
    if (refusal == TG_REFUSAL_NONE) {
        refusal = find_claims(hub, request, verdict->gateway, found);
    }
    if (refusal == TG_REFUSAL_NONE) {
        refusal = find_tenant(hub, verdict->gateway, found);
    }
    if (refusal == TG_REFUSAL_NONE) {
        refusal = find_revocation(hub, verdict->gateway, found);
    }
    if (refusal == TG_REFUSAL_NONE) {
        refusal = take_seat(hub, request, found, verdict);
    }
    return refusal;
}

void tg_handshake_begin_trace(struct tg_hub *hub, const struct tg_handshake *request,
                              struct tg_trace *trace)
{
    struct tg_str traceparent = {NULL, 0};
    uint32_t count = tg_handshake_find(request, TG_STR("traceparent"), &traceparent);

    tg_trace_begin(trace, count == 1 ? traceparent : tg_str(NULL, 0), &hub->rand);
}

/* The trace is begun only when somebody is told: being refused costs no random numbers. */
static void tell_refusal(struct tg_hub *hub, const struct tg_handshake *request,
                         enum tg_refusal refusal, const char *why)
{
    const char *label = tg_refusal_row(refusal)->label;
    uint64_t held_back = 0;
    bool is_told = tg_log_limit_pass(&hub->refusal_log, tg_hub_now_ms(hub), &held_back);
    struct tg_trace trace;
    char address[80];

    if (!is_told && !tg_log_is_on(TG_LOG_LEVEL_DEBUG)) {
        return;
    }
    tg_handshake_begin_trace(hub, request, &trace);
    (void)tg_log_quote(address, sizeof(address), request->address);
    if (refusal == TG_REFUSAL_NO_ROUTE || !why) {
        why = "-";
    }
    TG_LOG_DEBUG("handshake refused", "reason=%s why=%s address=%s trace=%s", label, why, address,
                 trace.id);
    if (is_told) {
        TG_LOG_WARN("handshakes are refused", "reason=%s why=%s trace=%s suppressed=%llu", label,
                    why, trace.id, (unsigned long long)held_back);
    }
}

void tg_handshake_decide(struct tg_hub *hub, const struct tg_handshake *request,
                         struct tg_verdict *verdict)
{
    struct findings found = {0};

    *verdict = (struct tg_verdict){0};
    verdict->refusal = decide(hub, request, &found, verdict);
    tg_credentials_fini(&found.credentials);
    tg_token_fini(&found.token);
    if (verdict->refusal == TG_REFUSAL_NONE) {
        return;
    }
    tg_hub_count(hub, TG_COUNT_REFUSED + (uint32_t)verdict->refusal, 1);
    tg_admission_count(hub, verdict->refusal);
    verdict->retry_after_s = tg_admission_retry_after(hub, verdict->refusal);
    tell_refusal(hub, request, verdict->refusal, found.why);
}

void tg_verdict_drop(struct tg_hub *hub, struct tg_verdict *verdict)
{
    if (verdict->refusal == TG_REFUSAL_NONE && verdict->provenance) {
        tg_provenance_unref(verdict->provenance);
        verdict->provenance = NULL;
        tg_admission_give(hub, &verdict->ticket);
    }
}
