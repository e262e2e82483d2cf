/* SPDX-License-Identifier: MIT */
#include "hub/auth.h"

#include <stdlib.h>
#include <string.h>

#include "hub/json_scan.h"
#include "hub/tenant.h"
#include "jose/claims.h"
#include "jose/jws.h"
#include "jose/key_set.h"

struct tg_auth {
    struct tg_key_set keys;
    const char *issuer;   /* borrowed from the configuration; NULL: not asked for */
    const char *audience; /* the same */
    const char *tenant_claim;
    uint64_t leeway_ms;
    size_t token_bytes;
    bool needs_exp;
    uint64_t unknown_kids;
};

static int add_key(struct tg_key_set *keys, const struct tg_config *config, struct tg_errmsg *msg)
{
    const struct tg_algorithm *algorithm = tg_algorithm_find(tg_str_of(config->auth_alg));
    struct tg_key key;

    if (!algorithm) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "alg: expected %s", TG_ALGORITHM_NAMES);
    }
    int err = tg_key_init_secret(&key, algorithm, tg_str_of(config->auth_kid),
                                 tg_str_of(config->auth_secret), msg);
    if (err) {
        return err;
    }
    err = tg_key_set_add(keys, &key);
    if (err) {
        tg_key_fini(&key);
        (void)tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    return err;
}

int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg)
{
    *auth = NULL;
    if (!config->auth_secret) {
        return TG_OK;
    }
    struct tg_auth *made = calloc(1, sizeof(*made));
    if (!made) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    *made = (struct tg_auth){
        .issuer = config->auth_issuer,
        .audience = config->auth_audience,
        .tenant_claim = config->tenant_claim,
        .leeway_ms = config->auth_leeway_ms,
        .token_bytes = config->token_bytes,
        .needs_exp = config->auth_require_exp,
    };
    struct tg_errmsg key_msg = {0};
    int err = add_key(&made->keys, config, &key_msg);
    if (err) {
        tg_auth_destroy(made);
        return tg_errmsg_set(msg, err, "auth.keys[1].%s", key_msg.text);
    }
    *auth = made;
    return TG_OK;
}

void tg_auth_destroy(struct tg_auth *auth)
{
    if (!auth) {
        return;
    }
    tg_key_set_fini(&auth->keys);
    free(auth);
}

uint64_t tg_auth_unknown_kids(const struct tg_auth *auth)
{
    return auth->unknown_kids;
}

/* What scripts will be given must be within their decoder's limits. */
static bool is_within_limits(const struct tg_claims *claims)
{
    struct tg_str value;

    return tg_json_scan(tg_str_of(claims->json), &tg_json_default_limits, &value) == TG_OK;
}

/* What holds for as long as the keys and the configuration do: the key, the form of the claims and
 * the signature. The cheap ones first. */
static int judge_text(struct tg_auth *auth, struct tg_str token, const struct tg_jws *jws,
                      struct tg_claims **claims, const char **why)
{
    const struct tg_key *key = tg_key_set_find(&auth->keys, jws->alg, jws->kid, why);

    if (jws->kid.at && !tg_key_set_has_kid(&auth->keys, jws->kid)) {
        auth->unknown_kids++;
    }
    if (!key) {
        return TG_ERR_DENIED;
    }
    int err = tg_claims_create(jws->payload, auth->tenant_claim, claims, why);
    if (err) {
        return err;
    }
    *why = !is_within_limits(*claims)           ? "claims"
           : !tg_jws_is_signed(jws, token, key) ? "signature"
                                                : NULL;
    if (*why) {
        tg_claims_unref(*claims);
        *claims = NULL;
        return TG_ERR_DENIED;
    }
    return TG_OK;
}

static int verify_text(struct tg_auth *auth, struct tg_str token, struct tg_claims **claims,
                       const char **why)
{
    struct tg_jws jws;

    *why = "shape";
    int err = token.length > auth->token_bytes ? TG_ERR_DENIED : tg_jws_read(token, &jws, why);
    if (err) {
        return err;
    }
    err = judge_text(auth, token, &jws, claims, why);
    tg_jws_fini(&jws);
    return err;
}

/* RFC 7519 sections 4.1.4 to 4.1.6. */
static const char *judge_times(const struct tg_auth *auth, const struct tg_claims *claims,
                               uint64_t wall_ms)
{
    const struct tg_claims_time *exp = &claims->expires;

    if ((auth->needs_exp && !exp->is_set) ||
        (exp->is_set && wall_ms >= exp->ms + auth->leeway_ms)) {
        return "exp";
    }
    if (claims->not_before.ms > wall_ms + auth->leeway_ms) {
        return "nbf";
    }
    return claims->issued.ms > wall_ms + auth->leeway_ms ? "iat" : NULL;
}

/* What is judged each time, whether the signature is known or not. */
static const char *judge_claims(const struct tg_auth *auth, const struct tg_claims *claims,
                                uint64_t wall_ms)
{
    const char *why = judge_times(auth, claims, wall_ms);

    if (why) {
        return why;
    }
    if (auth->issuer && (!claims->issuer || strcmp(claims->issuer, auth->issuer) != 0)) {
        return "iss";
    }
    if (auth->audience && !tg_claims_has_audience(claims, tg_str_of(auth->audience))) {
        return "aud";
    }
    return claims->tenant && !tg_tenant_is_id(tg_str_of(claims->tenant)) ? "tenant" : NULL;
}

/* The connection ends with the token; one that is let in after that, by the leeway, when the leeway
 * has passed too. */
static uint64_t end_of(const struct tg_auth *auth, const struct tg_claims *claims, uint64_t wall_ms)
{
    const struct tg_claims_time *exp = &claims->expires;

    if (!exp->is_set) {
        return 0;
    }
    return exp->ms > wall_ms ? exp->ms : exp->ms + auth->leeway_ms;
}

int tg_auth_verify(struct tg_auth *auth, struct tg_str token, uint64_t wall_ms,
                   struct tg_token *verified, const char **why)
{
    struct tg_claims *claims = NULL;

    *verified = (struct tg_token){0};
    int err = verify_text(auth, token, &claims, why);
    if (err) {
        return err;
    }
    *why = judge_claims(auth, claims, wall_ms);
    if (*why) {
        tg_claims_unref(claims);
        return TG_ERR_DENIED;
    }
    *verified = (struct tg_token){
        .claims = claims->json,
        .sub = claims->subject,
        .jti = claims->id,
        .tenant = claims->tenant,
        .expires_at_ms = end_of(auth, claims, wall_ms),
        .held = claims,
    };
    return TG_OK;
}

void tg_token_fini(struct tg_token *token)
{
    tg_claims_unref(token->held);
    *token = (struct tg_token){0};
}
