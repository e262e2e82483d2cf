/* SPDX-License-Identifier: MIT */
/* libjwt 1.10 takes the algorithm from the token, looks at no claim, keeps the last of duplicate
 * names and skips junk inside base64. So the shape, the header and the payload are read here,
 * strictly, and libjwt is asked for the one thing it does well: is the signature this key's. */
#include "hub/auth.h"

#include <jansson.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "hub/gateway.h"
#include "hub/json_scan.h"
#include "hub/tenant.h"

enum { SECRET_MIN = 32, SIGNATURE_MIN = 16, PART_MIN = 2, MS_PER_S = 1000 };

/* Seconds since the epoch up to which times are believed: the year 9999. */
static const json_int_t TIME_MAX = 253402300799;

struct tg_auth {
    char *secret;
    size_t secret_length;
    const char *kid;      /* borrowed from the configuration, as the next ones; NULL: any */
    const char *issuer;   /* NULL: not asked for */
    const char *audience; /* NULL: not asked for */
    uint64_t leeway_ms;
    size_t token_bytes;
    bool needs_exp;
};

struct token_parts {
    struct tg_str header;
    struct tg_str payload;
    struct tg_str signature;
};

int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg)
{
    *auth = NULL;
    if (!config->auth_secret) {
        return TG_OK;
    }
    if (!config->auth_alg || strcmp(config->auth_alg, "HS256") != 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "auth.keys[1].alg: expected \"HS256\"");
    }
    size_t length = strlen(config->auth_secret);
    if (length < SECRET_MIN) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "auth.keys[1].secret: expected at least %d octets, got %zu",
                             SECRET_MIN, length);
    }
    struct tg_auth *made = calloc(1, sizeof(*made));
    char *secret = tg_str_copy(tg_str(config->auth_secret, length));
    if (!made || !secret) {
        free(made);
        free(secret);
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    *made = (struct tg_auth){
        .secret = secret,
        .secret_length = length,
        .kid = config->auth_kid,
        .issuer = config->auth_issuer,
        .audience = config->auth_audience,
        .leeway_ms = config->auth_leeway_ms,
        .token_bytes = config->token_bytes,
        .needs_exp = config->auth_require_exp,
    };
    *auth = made;
    return TG_OK;
}

void tg_auth_destroy(struct tg_auth *auth)
{
    if (!auth) {
        return;
    }
    explicit_bzero(auth->secret, auth->secret_length);
    free(auth->secret);
    free(auth);
}

/* Three parts of base64url, none of them so short that libjwt would write past a block. */
static bool split_token(const struct tg_auth *auth, struct tg_str token, struct token_parts *parts)
{
    struct tg_str rest = token;

    if (token.length > auth->token_bytes) {
        return false;
    }
    parts->header = tg_str_split(&rest, '.');
    if (!rest.at) {
        return false;
    }
    parts->payload = tg_str_split(&rest, '.');
    if (!rest.at) {
        return false;
    }
    parts->signature = tg_str_split(&rest, '.');
    return !rest.at && parts->header.length >= PART_MIN && parts->payload.length >= PART_MIN &&
           parts->signature.length >= SIGNATURE_MIN;
}

/* The part as a JSON object without duplicate names; NULL when it is none. */
static json_t *read_object(struct tg_str part)
{
    char *text = malloc(tg_base64url_bytes(part.length) + 1);

    if (!text) {
        return NULL;
    }
    int length = tg_base64url_decode(part, text);
    json_t *object = NULL;
    if (length > 0) {
        object = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    }
    explicit_bzero(text, length > 0 ? (size_t)length : 0);
    free(text);
    if (object && !json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static bool is_text(const json_t *value, const char *wanted)
{
    return json_is_string(value) && strlen(wanted) == json_string_length(value) &&
           memcmp(json_string_value(value), wanted, strlen(wanted)) == 0;
}

/* RFC 8725 sections 3.1 and 3.5, RFC 7515 section 4.1.11. Gives what is wrong, NULL for nothing. */
static const char *judge_header(const struct tg_auth *auth, const json_t *header)
{
    static const char *const refused[] = {"crit", "b64", "cty", "jku", "jwk", "x5u", "x5c"};
    const json_t *kid = json_object_get(header, "kid");
    const json_t *typ = json_object_get(header, "typ");

    if (!is_text(json_object_get(header, "alg"), "HS256")) {
        return "alg";
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (json_object_get(header, refused[i])) {
            return refused[i];
        }
    }
    if (kid && (!json_is_string(kid) || (auth->kid && !is_text(kid, auth->kid)))) {
        return "kid";
    }
    return typ && !is_text(typ, "JWT") ? "typ" : NULL;
}

static bool is_signed(const struct tg_auth *auth, struct tg_str token)
{
    char *text = tg_str_copy(token);
    jwt_t *jwt = NULL;

    if (!text) {
        return false;
    }
    /* libjwt counts key octets in an int; the configuration bounds a text far below that. */
    int failed =
        jwt_decode(&jwt, text, (const unsigned char *)auth->secret, (int)auth->secret_length);
    bool is_good = failed == 0 && jwt && jwt_get_alg(jwt) == JWT_ALG_HS256;
    jwt_free(jwt);
    explicit_bzero(text, token.length);
    free(text);
    return is_good;
}

/* Reads a NumericDate of whole seconds; false when it is there and is none. */
static bool read_time(const json_t *claims, const char *name, bool *is_set, uint64_t *time_ms)
{
    const json_t *value = json_object_get(claims, name);

    *is_set = value != NULL;
    *time_ms = 0;
    if (!value) {
        return true;
    }
    json_int_t seconds = json_integer_value(value);
    if (!json_is_integer(value) || seconds < 0 || seconds > TIME_MAX) {
        return false;
    }
    *time_ms = (uint64_t)seconds * MS_PER_S;
    return true;
}

/* RFC 7519 sections 4.1.4 to 4.1.6. */
static const char *judge_times(const struct tg_auth *auth, const json_t *claims, uint64_t wall_ms,
                               uint64_t *expires_at_ms)
{
    bool has_exp;
    bool has_nbf;
    bool has_iat;
    uint64_t exp_ms;
    uint64_t nbf_ms;
    uint64_t iat_ms;

    if (!read_time(claims, "exp", &has_exp, &exp_ms) || (auth->needs_exp && !has_exp) ||
        (has_exp && wall_ms >= exp_ms + auth->leeway_ms)) {
        return "exp";
    }
    if (!read_time(claims, "nbf", &has_nbf, &nbf_ms) || nbf_ms > wall_ms + auth->leeway_ms) {
        return "nbf";
    }
    if (!read_time(claims, "iat", &has_iat, &iat_ms) || iat_ms > wall_ms + auth->leeway_ms) {
        return "iat";
    }
    *expires_at_ms = has_exp ? exp_ms + auth->leeway_ms : 0;
    return NULL;
}

/* RFC 7519 section 4.1.3: a string or an array of strings. */
static bool has_audience(const json_t *aud, const char *wanted)
{
    if (!json_is_array(aud)) {
        return is_text(aud, wanted);
    }
    bool is_found = false;
    for (size_t i = 0; i < json_array_size(aud); i++) {
        const json_t *one = json_array_get(aud, i);
        if (!json_is_string(one)) {
            return false;
        }
        is_found = is_found || is_text(one, wanted);
    }
    return is_found;
}

static const char *judge_claims(const struct tg_auth *auth, const json_t *claims)
{
    const json_t *sub = json_object_get(claims, "sub");
    const json_t *tenant = json_object_get(claims, "tenant");

    if (auth->issuer && !is_text(json_object_get(claims, "iss"), auth->issuer)) {
        return "iss";
    }
    if (auth->audience && !has_audience(json_object_get(claims, "aud"), auth->audience)) {
        return "aud";
    }
    if (sub && (!json_is_string(sub) || json_string_length(sub) > TG_NAME_MAX)) {
        return "sub";
    }
    if (tenant &&
        (!json_is_string(tenant) ||
         !tg_tenant_is_id(tg_str(json_string_value(tenant), json_string_length(tenant))))) {
        return "tenant";
    }
    return NULL;
}

/* What scripts will be given must be within their decoder's limits. */
static int copy_claims(const json_t *claims, struct tg_token *verified, const char **why)
{
    const char *tenant = json_string_value(json_object_get(claims, "tenant"));
    struct tg_str value;

    verified->claims = json_dumps(claims, JSON_COMPACT);
    verified->tenant = tenant ? tg_str_copy(tg_str_of(tenant)) : NULL;
    if (!verified->claims || (tenant && !verified->tenant)) {
        return TG_ERR_NOMEM;
    }
    if (tg_json_scan(tg_str_of(verified->claims), &tg_json_default_limits, &value) != TG_OK) {
        *why = "claims";
        return TG_ERR_DENIED;
    }
    return TG_OK;
}

static int judge(const struct tg_auth *auth, struct tg_str token, const json_t *header,
                 const json_t *claims, uint64_t wall_ms, struct tg_token *verified,
                 const char **why)
{
    *why = !header ? "header" : !claims ? "payload" : judge_header(auth, header);
    if (!*why && !is_signed(auth, token)) {
        *why = "signature";
    }
    if (!*why) {
        *why = judge_times(auth, claims, wall_ms, &verified->expires_at_ms);
    }
    if (!*why) {
        *why = judge_claims(auth, claims);
    }
    return *why ? TG_ERR_DENIED : copy_claims(claims, verified, why);
}

int tg_auth_verify(const struct tg_auth *auth, struct tg_str token, uint64_t wall_ms,
                   struct tg_token *verified, const char **why)
{
    struct token_parts parts;

    *verified = (struct tg_token){0};
    *why = "shape";
    if (!split_token(auth, token, &parts)) {
        return TG_ERR_DENIED;
    }
    json_t *header = read_object(parts.header);
    json_t *claims = read_object(parts.payload);
    /* libjwt would skip what is no base64url; the strict reading must hold for all three. */
    char *signature = malloc(tg_base64url_bytes(parts.signature.length) + 1);
    int err = TG_ERR_DENIED;
    if (signature && tg_base64url_decode(parts.signature, signature) > 0) {
        err = judge(auth, token, header, claims, wall_ms, verified, why);
    }
    free(signature);
    json_decref(header);
    json_decref(claims);
    if (err) {
        tg_token_fini(verified);
    }
    return err;
}

void tg_token_fini(struct tg_token *token)
{
    free(token->claims);
    free(token->tenant);
    *token = (struct tg_token){0};
}
