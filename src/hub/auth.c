/* SPDX-License-Identifier: MIT */
#include "hub/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "hub/json_scan.h"
#include "hub/tenant.h"
#include "jose/claims.h"
#include "jose/jwks.h"
#include "jose/jws.h"
#include "jose/key_set.h"
#include "jose/public_key.h"
#include "jose/token_cache.h"

static const char LOG_MODULE[] = "auth";

struct tg_auth {
    struct tg_key_set own;        /* of the configuration */
    struct tg_key_set keys;       /* those and the ones of the JWK Set */
    uint64_t version;             /* of keys */
    struct tg_token_cache *cache; /* NULL: none is wanted */
    const char *issuer;           /* borrowed from the configuration; NULL: not asked for */
    const char *audience;         /* the same */
    const char *tenant_claim;
    uint64_t leeway_ms;
    size_t token_bytes;
    bool needs_exp;
    uint64_t unknown_kids;
};

/* --- keys --- */

/* An alg need not be said with a secret, but a public key is never guessed at. */
static const struct tg_algorithm *find_algorithm(const struct tg_config_auth_key *given,
                                                 struct tg_errmsg *msg)
{
    bool is_said = given->alg || !given->secret;
    const struct tg_algorithm *found =
        tg_algorithm_find(is_said ? tg_str_of(given->alg) : TG_STR("HS256"));

    if (!found) {
        (void)tg_errmsg_set(msg, TG_ERR_INVALID, "alg: expected %s", TG_ALGORITHM_NAMES);
    }
    return found;
}

/* The message begins with the part of the key that is no good. */
static int make_key(struct tg_key *key, const struct tg_config_auth_key *given,
                    struct tg_errmsg *msg)
{
    const struct tg_algorithm *algorithm = find_algorithm(given, msg);
    struct tg_public_key read;

    if (!algorithm) {
        return TG_ERR_INVALID;
    }
    if (given->secret) {
        return tg_key_init_secret(key, algorithm, tg_str_of(given->kid), tg_str_of(given->secret),
                                  msg);
    }
    int err = tg_public_key_from_pem(&read, algorithm, tg_str_of(given->public_key), msg);
    if (err) {
        return given->public_key_file
                   ? tg_errmsg_wrap(msg, err, "public_key_file: %s", given->public_key_file)
                   : tg_errmsg_wrap(msg, err, "public_key");
    }
    err = tg_key_init_public(key, algorithm, tg_str_of(given->kid), &read, msg);
    tg_public_key_fini(&read);
    return err;
}

static int add_key(struct tg_key_set *keys, const struct tg_config_auth_key *given,
                   struct tg_errmsg *msg)
{
    struct tg_key key = {0};
    int err = make_key(&key, given, msg);

    if (err) {
        return err;
    }
    err = tg_key_set_add(keys, &key);
    if (err == TG_ERR_EXISTS) {
        (void)tg_errmsg_set(msg, err, "kid: another key has this one");
    } else if (err) {
        (void)tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    tg_key_fini(&key);
    return err;
}

static int add_keys(struct tg_auth *auth, const struct tg_config *config, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < config->auth_keys.count; i++) {
        struct tg_errmsg inner = {0};
        int err = add_key(&auth->own, &config->auth_keys.items[i], &inner);
        if (err) {
            return tg_errmsg_set(msg, err, "auth.keys[%u].%s", i + 1, inner.text);
        }
    }
    int err = tg_key_set_add_all(&auth->keys, &auth->own);
    return err ? tg_errmsg_set(msg, err, "auth.keys: %s", tg_err_text(err)) : TG_OK;
}

int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg)
{
    *auth = NULL;
    if (config->auth_keys.count == 0 && !config->auth_jwks_url && !config->auth_jwks_file) {
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
    int err = add_keys(made, config, msg);
    if (!err && config->auth_token_cache > 0) {
        made->cache = tg_token_cache_create((uint32_t)config->auth_token_cache);
        err = made->cache ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    if (err) {
        tg_auth_destroy(made);
        return err;
    }
    *auth = made;
    return TG_OK;
}

/* The configuration's keys, then those of the set whose kid is none of them: who may change the set
 * must not take the place of what the operator wrote. */
static int merge(const struct tg_auth *auth, struct tg_key_set *fetched, struct tg_key_set *merged,
                 uint32_t *shadowed)
{
    int err = tg_key_set_add_all(merged, &auth->own);

    for (uint32_t i = 0; !err && i < fetched->count; i++) {
        err = tg_key_set_add(merged, &fetched->keys[i]);
        if (err == TG_ERR_EXISTS) {
            (*shadowed)++;
            err = TG_OK;
        }
    }
    return err;
}

static void tell_keys(const struct tg_auth *auth, const struct tg_jwks_report *report,
                      uint32_t shadowed)
{
    TG_LOG_INFO("keys replaced", "keys=%u skipped=%u refused=%u shadowed=%u", auth->keys.count,
                report->skipped, report->refused, shadowed);
    if (report->refused > 0) {
        char reason[TG_ERRMSG_BYTES];
        (void)tg_log_quote(reason, sizeof(reason), tg_str_of(report->reason.text));
        TG_LOG_WARN("keys of the set are refused", "count=%u reason=%s", report->refused, reason);
    }
}

int tg_auth_set_jwks(struct tg_auth *auth, struct tg_str json, struct tg_errmsg *msg)
{
    struct tg_key_set fetched = {0};
    struct tg_key_set merged = {0};
    struct tg_jwks_report report;
    uint32_t shadowed = 0;

    int err = tg_jwks_read(json, &fetched, &report, msg);
    if (err) {
        return err;
    }
    err = merge(auth, &fetched, &merged, &shadowed);
    tg_key_set_fini(&fetched);
    if (err) {
        tg_key_set_fini(&merged);
        return tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    tg_key_set_fini(&auth->keys);
    auth->keys = merged;
    auth->version++;
    if (auth->cache) {
        tg_token_cache_clear(auth->cache);
    }
    tell_keys(auth, &report, shadowed);
    return TG_OK;
}

void tg_auth_destroy(struct tg_auth *auth)
{
    if (!auth) {
        return;
    }
    tg_token_cache_destroy(auth->cache);
    tg_key_set_fini(&auth->keys);
    tg_key_set_fini(&auth->own);
    free(auth);
}

uint64_t tg_auth_unknown_kids(const struct tg_auth *auth)
{
    return auth->unknown_kids;
}

/* --- what holds as long as the keys do --- */

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
    int err = tg_jws_read(token, &jws, why);

    if (err) {
        return err;
    }
    err = judge_text(auth, token, &jws, claims, why);
    tg_jws_fini(&jws);
    return err;
}

/* --- what is judged each time --- */

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

/* Gives a reference to the claims of a token that was verified before, or is now. key is what the
 * cache knows it by. */
static int find_claims(struct tg_auth *auth, struct tg_str token, const uint8_t *key,
                       struct tg_claims **claims, const char **why)
{
    struct tg_claims *known = key ? tg_token_cache_find(auth->cache, key) : NULL;

    if (known) {
        *claims = tg_claims_ref(known);
        return TG_OK;
    }
    return verify_text(auth, token, claims, why);
}

int tg_auth_verify(struct tg_auth *auth, struct tg_str token, uint64_t wall_ms,
                   struct tg_token *verified, const char **why)
{
    uint8_t room[TG_TOKEN_CACHE_KEY_BYTES];
    const uint8_t *key = NULL;
    struct tg_claims *claims = NULL;

    *verified = (struct tg_token){0};
    *why = "shape";
    if (token.length > auth->token_bytes) {
        return TG_ERR_DENIED;
    }
    if (auth->cache && tg_token_cache_hash(auth->cache, auth->version, token, room)) {
        key = room;
    }
    int err = find_claims(auth, token, key, &claims, why);
    if (err) {
        return err;
    }
    *why = judge_claims(auth, claims, wall_ms);
    if (*why) {
        tg_claims_unref(claims);
        return TG_ERR_DENIED;
    }
    bool is_known = claims->refs > 1;
    if (key && !is_known) {
        tg_token_cache_add(auth->cache, key, claims);
    }
    *verified = (struct tg_token){
        .claims = claims->json,
        .sub = claims->subject,
        .jti = claims->id,
        .tenant = claims->tenant,
        .expires_at_ms = end_of(auth, claims, wall_ms),
        .is_known = is_known,
        .held = claims,
    };
    return TG_OK;
}

void tg_token_fini(struct tg_token *token)
{
    tg_claims_unref(token->held);
    *token = (struct tg_token){0};
}
