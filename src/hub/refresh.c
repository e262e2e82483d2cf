/* SPDX-License-Identifier: MIT */
#include "hub/refresh.h"

#include <stdlib.h>
#include <string.h>

#include "hub/auth.h"
#include "hub/client.h"
#include "hub/counter.h"
#include "hub/hub.h"
#include "hub/idle_sweep.h"
#include "hub/json_scan.h"
#include "hub/provenance.h"
#include "hub/revocations.h"

static const char LOG_MODULE[] = "refresh";

/* The raw inside of the one "token" of a scanned object; .at NULL: it isn't there, is no string, or
 * is there twice. */
static struct tg_str find_token(struct tg_str data)
{
    struct tg_json_member member;
    struct tg_str found = {NULL, 0};
    size_t cursor = 0;

    if (data.length == 0 || data.at[0] != '{') {
        return found;
    }
    while (tg_json_next_member(data, &cursor, &member)) {
        if (!tg_str_is(member.name, TG_STR("token"))) {
            continue;
        }
        if (found.at || member.value.at[0] != '"') {
            return tg_str(NULL, 0);
        }
        found = tg_str(member.value.at + 1, member.value.length - 2);
    }
    return found;
}

int tg_refresh_read(struct tg_hub *hub, struct tg_str data, struct tg_token *verified,
                    const char **why)
{
    struct tg_str inside = find_token(data);

    *verified = (struct tg_token){0};
    *why = !inside.at ? "no_token" : !hub->auth ? "no_key" : "shape";
    /* Escapes only make a text longer: what is far too long is not even copied. */
    if (!inside.at || !hub->auth || inside.length == 0 ||
        inside.length > 6 * hub->config->token_bytes) {
        return TG_ERR_DENIED;
    }
    char *text = malloc(inside.length);
    if (!text) {
        return TG_ERR_NOMEM;
    }
    int length = tg_json_unescape(inside, text, inside.length);
    int err = TG_ERR_DENIED;
    if (length > 0) {
        err = tg_auth_verify(hub->auth, tg_str(text, (size_t)length), tg_clock_wall_ms(hub->clock),
                             verified, why);
    }
    explicit_bzero(text, inside.length);
    free(text);
    return err;
}

/* A bucket of TG_REFRESH_BURST that fills again by one per interval, kept as the time at which it
 * will be full. */
static bool may_try(struct tg_client *client)
{
    uint64_t now_ms = tg_hub_now_ms(client->hub);
    uint64_t full_at_ms = client->refresh_full_at_ms > now_ms ? client->refresh_full_at_ms : now_ms;

    full_at_ms += TG_REFRESH_INTERVAL_MS;
    if (full_at_ms - now_ms > (uint64_t)TG_REFRESH_BURST * TG_REFRESH_INTERVAL_MS) {
        return false;
    }
    client->refresh_full_at_ms = full_at_ms;
    return true;
}

static bool is_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Why the new token is not for this connection; NULL: it is. */
static const char *judge(const struct tg_client *client, const struct tg_token *token)
{
    const struct tg_provenance *provenance = client->provenance;
    struct tg_bearer bearer = {
        .jti = tg_str_of(token->jti),
        .sub = tg_str_of(token->sub),
        .tenant = tg_str_of(provenance->tenant),
    };

    if (!is_same(provenance->token.sub, token->sub)) {
        return "sub";
    }
    if (token->tenant ? !is_same(provenance->tenant, token->tenant)
                      : provenance->token.tenant != NULL) {
        return "tenant";
    }
    return tg_revocations_hit(client->hub, &bearer) ? "revoked" : NULL;
}

static int verify(struct tg_client *client, struct tg_str data, struct tg_token *token,
                  const char **why)
{
    if (!client->provenance->token.claims) {
        *why = "anonymous";
        return TG_ERR_DENIED;
    }
    int err = tg_refresh_read(client->hub, data, token, why);
    if (err) {
        return err;
    }
    *why = judge(client, token);
    return *why ? TG_ERR_DENIED : TG_OK;
}

int tg_refresh_try(struct tg_client *client, struct tg_str data)
{
    struct tg_token token = {0};
    const char *why = "rate";
    int err = may_try(client) ? verify(client, data, &token, &why) : TG_ERR_FULL;

    if (err) {
        char id[TG_CLIENT_ID_BYTES];
        tg_client_id(client, id);
        TG_LOG_DEBUG("refresh refused", "conn=%s gateway=%s why=%s trace=%s", id,
                     client->gateway->name, why, client->provenance->trace.id);
        tg_token_fini(&token);
        return err;
    }
    tg_provenance_set_token(client->provenance, &token);
    tg_hub_count(client->hub, TG_COUNT_TOKEN_REFRESHES, 1);
    tg_idle_sweep_again(client);
    return TG_OK;
}
