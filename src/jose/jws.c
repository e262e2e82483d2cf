/* SPDX-License-Identifier: MIT */
/* libjwt 1.10 takes the algorithm from the token, skips junk inside base64, and writes past a
 * block when a part is empty. So shape and header are read here, strictly, and libjwt is asked for
 * the one thing that it does well: is the signature this key's. */
#include "jose/jws.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <openssl/err.h>

#include "base/base64url.h"
#include "jose/hmac.h"

enum { PART_MIN = 2, SIGNATURE_MIN = 16, PARTS = 3 };

/* Also refused when null: RFC 7515 section 4.1.11 wants crit understood whatever it holds. */
static const char *const refused_names[] = {"crit", "b64", "cty", "jku", "jwk", "x5u", "x5c"};

static bool split(struct tg_str token, struct tg_str parts[PARTS])
{
    struct tg_str rest = token;

    for (int i = 0; i < PARTS; i++) {
        if (!rest.at) {
            return false;
        }
        parts[i] = tg_str_split(&rest, '.');
        if (parts[i].length < (i == PARTS - 1 ? SIGNATURE_MIN : PART_MIN)) {
            return false;
        }
    }
    return !rest.at;
}

static bool is_text(const json_t *value, const char *wanted)
{
    return json_is_string(value) && strlen(wanted) == json_string_length(value) &&
           memcmp(json_string_value(value), wanted, strlen(wanted)) == 0;
}

/* What is wrong with the header; NULL for nothing. */
static const char *judge_header(const json_t *header)
{
    const json_t *kid = json_object_get(header, "kid");
    const json_t *typ = json_object_get(header, "typ");

    if (!json_is_object(header)) {
        return "header";
    }
    if (!json_is_string(json_object_get(header, "alg"))) {
        return "alg";
    }
    for (size_t i = 0; i < sizeof(refused_names) / sizeof(refused_names[0]); i++) {
        if (json_object_get(header, refused_names[i])) {
            return refused_names[i];
        }
    }
    if (kid && !json_is_string(kid)) {
        return "kid";
    }
    return typ && !is_text(typ, "JWT") ? "typ" : NULL;
}

/* Copies the value to *at, which has room for it: it came out of a text that is longer. */
static struct tg_str place(char **at, const json_t *value)
{
    if (!value) {
        return tg_str(NULL, 0);
    }
    struct tg_str placed = tg_str(*at, json_string_length(value));
    memcpy(*at, json_string_value(value), placed.length);
    *at += placed.length;
    return placed;
}

/* at has room for the decoded parts and, once more, for the header. */
static const char *decode(const struct tg_str parts[PARTS], struct tg_jws *jws, char *at)
{
    struct tg_str decoded[PARTS];

    for (int i = 0; i < PARTS; i++) {
        int length = tg_base64url_decode(parts[i], at);
        if (length < 0) {
            return "shape";
        }
        decoded[i] = tg_str(at, (size_t)length);
        at += length;
    }
    json_t *header = json_loadb(decoded[0].at, decoded[0].length, JSON_REJECT_DUPLICATES, NULL);
    const char *why = judge_header(header);
    if (!why) {
        jws->alg = place(&at, json_object_get(header, "alg"));
        jws->kid = place(&at, json_object_get(header, "kid"));
        jws->payload = decoded[1];
        jws->signature = decoded[2];
    }
    json_decref(header);
    return why;
}

int tg_jws_read(struct tg_str token, struct tg_jws *jws, const char **why)
{
    struct tg_str parts[PARTS];

    *jws = (struct tg_jws){0};
    *why = "shape";
    if (!split(token, parts)) {
        return TG_ERR_DENIED;
    }
    jws->memory_bytes = 2 * token.length;
    jws->memory = malloc(jws->memory_bytes);
    if (!jws->memory) {
        *jws = (struct tg_jws){0};
        return TG_ERR_NOMEM;
    }
    *why = decode(parts, jws, jws->memory);
    if (*why) {
        tg_jws_fini(jws);
        return TG_ERR_DENIED;
    }
    return TG_OK;
}

void tg_jws_fini(struct tg_jws *jws)
{
    if (jws->memory) {
        explicit_bzero(jws->memory, jws->memory_bytes);
    }
    free(jws->memory);
    *jws = (struct tg_jws){0};
}

static bool is_signed_by_libjwt(struct tg_str token, const struct tg_key *key)
{
    jwt_t *jwt = NULL;
    char *text = tg_str_copy(token);

    if (!text) {
        return false;
    }
    /* libjwt counts key octets in an int; the configuration bounds a text far below that. */
    int failed = jwt_decode(&jwt, text, (const unsigned char *)key->text, (int)key->length);
    bool is_good = failed == 0 && jwt && jwt_get_alg(jwt) == jwt_str_alg(key->algorithm->name);
    jwt_free(jwt);
    /* A failure left there would be taken for its own by the TLS of this thread. */
    ERR_clear_error();
    explicit_bzero(text, token.length);
    free(text);
    return is_good;
}

bool tg_jws_is_signed(const struct tg_jws *jws, struct tg_str token, const struct tg_key *key)
{
    /* What can't be one costs no cryptography. */
    if (jws->signature.length != key->signature_bytes ||
        !tg_str_is(jws->alg, tg_str_of(key->algorithm->name))) {
        return false;
    }
    if (!key->hmac) {
        return is_signed_by_libjwt(token, key);
    }
    const char *end = memrchr(token.at, '.', token.length); /* RFC 7515 section 5.2 */
    return end && tg_hmac_is(key->hmac, tg_str(token.at, (size_t)(end - token.at)), jws->signature);
}
