/* SPDX-License-Identifier: MIT */
#include "jose/jwks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base64url.h"
#include "jose/public_key.h"

enum { NUMBER_BYTES_MAX = 1100 }; /* more than any key that is used has */

/* What one key of the set comes to. */
enum outcome { OUTCOME_KEY, OUTCOME_SKIP, OUTCOME_REFUSE };

static struct tg_str text_of(const json_t *value)
{
    return json_is_string(value) ? tg_str(json_string_value(value), json_string_length(value))
                                 : tg_str(NULL, 0);
}

static struct tg_str member(const json_t *jwk, const char *name)
{
    return text_of(json_object_get(jwk, name));
}

/* RFC 7517 sections 4.2 and 4.3: what it says that it is for. */
static bool is_for_verifying(const json_t *jwk)
{
    const json_t *use = json_object_get(jwk, "use");
    const json_t *ops = json_object_get(jwk, "key_ops");

    if (use && !tg_str_is(text_of(use), TG_STR("sig"))) {
        return false;
    }
    if (!ops) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(ops); i++) {
        if (tg_str_is(text_of(json_array_get(ops, i)), TG_STR("verify"))) {
            return true;
        }
    }
    return false;
}

/* NULL: none that is spoken. Whether it goes with the key is judged with the key. */
static const struct tg_algorithm *algorithm_of(const json_t *jwk, bool is_rsa)
{
    const json_t *alg = json_object_get(jwk, "alg");

    if (alg) {
        return tg_algorithm_find(text_of(alg));
    }
    return is_rsa ? tg_algorithm_find(TG_STR("RS256")) : tg_algorithm_of_curve(member(jwk, "crv"));
}

/* Decodes a number into room of NUMBER_BYTES_MAX. */
static bool read_number(const json_t *jwk, const char *name, char *room, struct tg_str *number)
{
    struct tg_str text = member(jwk, name);

    if (text.length == 0 || tg_base64url_bytes(text.length) > NUMBER_BYTES_MAX) {
        return false;
    }
    int length = tg_base64url_decode(text, room);
    *number = tg_str(room, length > 0 ? (size_t)length : 0);
    return length > 0;
}

static int read_public(const json_t *jwk, bool is_rsa, const struct tg_algorithm *algorithm,
                       struct tg_public_key *key, struct tg_errmsg *msg)
{
    char first[NUMBER_BYTES_MAX];
    char second[NUMBER_BYTES_MAX];
    struct tg_str a;
    struct tg_str b;

    if (!read_number(jwk, is_rsa ? "n" : "x", first, &a) ||
        !read_number(jwk, is_rsa ? "e" : "y", second, &b)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected base64url of a key's size",
                             is_rsa ? "n, e" : "x, y");
    }
    if (is_rsa) {
        return tg_public_key_from_rsa(key, algorithm, a, b, msg);
    }
    if (!tg_str_is(member(jwk, "crv"), tg_str_of(algorithm->curve))) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "crv: expected the curve of alg %s",
                             algorithm->name);
    }
    return tg_public_key_from_point(key, algorithm, a, b, msg);
}

static int make_key(const json_t *jwk, bool is_rsa, const struct tg_algorithm *algorithm,
                    struct tg_key *key, struct tg_errmsg *msg)
{
    struct tg_public_key read = {0};
    const json_t *kid = json_object_get(jwk, "kid");

    if (kid && !json_is_string(kid)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "kid: expected a text");
    }
    int err = read_public(jwk, is_rsa, algorithm, &read, msg);
    err = err ? err : tg_key_init_public(key, algorithm, text_of(kid), &read, msg);
    tg_public_key_fini(&read);
    return err;
}

/* Gives what the key comes to; *err is set for what ends the whole set. */
static enum outcome read_key(const json_t *jwk, struct tg_key *key, int *err, struct tg_errmsg *msg)
{
    struct tg_str kty = member(jwk, "kty");
    bool is_rsa = tg_str_is(kty, TG_STR("RSA"));

    *err = TG_OK;
    if (tg_str_is(kty, TG_STR("oct"))) {
        *err = tg_errmsg_set(msg, TG_ERR_INVALID,
                             "a secret (oct) has no place in a set of public "
                             "keys");
        return OUTCOME_REFUSE;
    }
    if (json_object_get(jwk, "d")) {
        *err = tg_errmsg_set(msg, TG_ERR_INVALID,
                             "a private key has no place in a set of public "
                             "keys");
        return OUTCOME_REFUSE;
    }
    if ((!is_rsa && !tg_str_is(kty, TG_STR("EC"))) || !is_for_verifying(jwk)) {
        return OUTCOME_SKIP;
    }
    const struct tg_algorithm *algorithm = algorithm_of(jwk, is_rsa);
    if (!algorithm || (!is_rsa && !tg_algorithm_of_curve(member(jwk, "crv")))) {
        return OUTCOME_SKIP;
    }
    if (algorithm->family != (is_rsa ? TG_ALGORITHM_RSA : TG_ALGORITHM_EC)) {
        (void)tg_errmsg_set(msg, TG_ERR_INVALID, "alg: %s doesn't go with kty %s", algorithm->name,
                            is_rsa ? "RSA" : "EC");
        return OUTCOME_REFUSE;
    }
    int failed = make_key(jwk, is_rsa, algorithm, key, msg);
    *err = failed == TG_ERR_NOMEM ? failed : TG_OK;
    return failed ? OUTCOME_REFUSE : OUTCOME_KEY;
}

static int add_key(struct tg_key_set *set, struct tg_key *key, struct tg_errmsg *msg)
{
    int err = tg_key_set_add(set, key);

    if (err == TG_ERR_EXISTS) {
        err = tg_errmsg_set(msg, TG_ERR_INVALID, "its kid is another key's");
    } else if (err) {
        (void)tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    tg_key_fini(key);
    return err;
}

static int read_keys(const json_t *keys, struct tg_key_set *set, struct tg_jwks_report *report,
                     struct tg_errmsg *msg)
{
    for (size_t i = 0; i < json_array_size(keys); i++) {
        struct tg_errmsg reason = {0};
        struct tg_key key = {0};
        int err;
        enum outcome outcome = read_key(json_array_get(keys, i), &key, &err, &reason);
        if (outcome == OUTCOME_KEY) {
            err = add_key(set, &key, &reason);
        }
        if (err) {
            return tg_errmsg_set(msg, err, "keys[%zu]: %s", i + 1, reason.text);
        }
        report->skipped += outcome == OUTCOME_SKIP ? 1 : 0;
        if (outcome == OUTCOME_REFUSE && report->refused++ == 0) {
            (void)tg_errmsg_set(&report->reason, 0, "keys[%zu]: %s", i + 1, reason.text);
        }
    }
    if (set->count > 0) {
        return TG_OK;
    }
    return tg_errmsg_set(msg, TG_ERR_INVALID, "no key to verify tokens with%s%s",
                         report->refused ? ", " : "", report->reason.text);
}

static int read_set(const json_t *root, struct tg_key_set *set, struct tg_jwks_report *report,
                    struct tg_errmsg *msg)
{
    const json_t *keys = json_object_get(root, "keys");

    if (!json_is_array(keys)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "expected an object with a list \"keys\"");
    }
    if (json_array_size(keys) > TG_JWKS_KEYS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "keys: expected at most %d, got %zu",
                             (int)TG_JWKS_KEYS_MAX, json_array_size(keys));
    }
    for (size_t i = 0; i < json_array_size(keys); i++) {
        if (!json_is_object(json_array_get(keys, i))) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "keys[%zu]: expected an object", i + 1);
        }
    }
    return read_keys(keys, set, report, msg);
}

int tg_jwks_read(struct tg_str json, struct tg_key_set *set, struct tg_jwks_report *report,
                 struct tg_errmsg *msg)
{
    json_error_t error;

    *report = (struct tg_jwks_report){0};
    if (json.length > TG_JWKS_BYTES_MAX) {
        return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "expected at most %d KiB",
                             TG_JWKS_BYTES_MAX >> 10);
    }
    json_t *root = json_loadb(json.at, json.length, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    /* jansson's own text would quote what stands there. */
    int err = root ? read_set(root, set, report, msg)
                   : tg_errmsg_set(msg, TG_ERR_INVALID,
                                   "line %d: expected JSON without a name twice", error.line);
    json_decref(root);
    if (err) {
        tg_key_set_fini(set);
    }
    return err;
}
