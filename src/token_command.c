/* SPDX-License-Identifier: MIT */
#include "token_command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/config_value.h"
#include "hub/json_scan.h"
#include "hub/json_text.h"
#include "jose/claims.h"
#include "jose/mint.h"
#include "key_files.h"

enum { KEY_BYTES_MAX = 16 << 10, CLAIMS_BYTES_MAX = 64 << 10, MS_PER_S = 1000 };

static const char EXPIRES_STANDARD[] = "1h";

/* --- the key --- */

static const struct tg_config_auth_key *first_key(const struct tg_config *config)
{
    static const struct tg_config_auth_key none = {0};

    return config->auth_keys.count > 0 ? &config->auth_keys.items[0] : &none;
}

static const struct tg_algorithm *find_algorithm(const struct tg_config *config,
                                                 const struct tg_token_options *options,
                                                 struct tg_errmsg *msg)
{
    const char *name = options->alg ? options->alg : first_key(config)->alg;

    if (!name && !options->key_file) {
        name = "HS256";
    }
    const struct tg_algorithm *found = tg_algorithm_find(tg_str_of(name));
    if (!found) {
        (void)tg_errmsg_set(msg, TG_ERR_INVALID, "--alg: expected %s", TG_ALGORITHM_NAMES);
    }
    return found;
}

static int read_key_file(const char *flag, const char *path, struct tg_buf *key,
                         struct tg_errmsg *msg)
{
    int err = tg_key_files_text(path, key, msg);

    return err ? tg_errmsg_wrap(msg, err, "%s: %s", flag, path) : TG_OK;
}

static int load_key(const struct tg_config *config, const struct tg_token_options *options,
                    struct tg_buf *key, struct tg_errmsg *msg)
{
    int given = (options->secret_env ? 1 : 0) + (options->secret_file ? 1 : 0) +
                (options->key_file ? 1 : 0);

    if (given > 1) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "expected one of --secret-env, --secret-file and --key-file");
    }
    if (options->key_file) {
        return read_key_file("--key-file", options->key_file, key, msg);
    }
    if (options->secret_file) {
        int err = read_key_file("--secret-file", options->secret_file, key, msg);
        key->length -= !err && key->at[key->length - 1] == '\n' ? 1 : 0;
        return err;
    }
    const char *secret =
        options->secret_env ? getenv(options->secret_env) : first_key(config)->secret;
    if (options->secret_env && !secret) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "--secret-env: %s is not set",
                             options->secret_env);
    }
    if (!secret) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                             "no key to sign with: name one with --secret-env, --secret-file or "
                             "--key-file, or configure auth.keys[1].secret");
    }
    tg_buf_add_str(key, tg_str_of(secret));
    return key->err;
}

/* --- the claims --- */

static bool has_claim(const struct tg_token_options *options, const char *name)
{
    for (uint32_t i = 0; i < options->claim_count; i++) {
        struct tg_str rest = tg_str_of(options->claims[i]);
        if (tg_str_is(tg_str_split(&rest, '='), tg_str_of(name))) {
            return true;
        }
    }
    return false;
}

static void add_text(struct tg_buf *out, struct tg_str text)
{
    size_t length = tg_json_text_escaped_length(text);

    tg_buf_add_char(out, '"');
    if (tg_buf_reserve(out, length) == TG_OK) {
        (void)tg_json_text_escape(text, out->at + out->length);
        out->length += length;
    }
    tg_buf_add_char(out, '"');
}

static void add_name(struct tg_buf *out, struct tg_str name)
{
    if (out->length > 1) {
        tg_buf_add_char(out, ',');
    }
    add_text(out, name);
    tg_buf_add_char(out, ':');
}

static void add_claim(struct tg_buf *out, const char *name, const char *text)
{
    if (text) {
        add_name(out, tg_str_of(name));
        add_text(out, tg_str_of(text));
    }
}

static int add_times(struct tg_buf *out, const struct tg_token_options *options, uint64_t wall_ms,
                     struct tg_errmsg *msg)
{
    const char *expires = options->expires ? options->expires : EXPIRES_STANDARD;
    bool is_endless = strcmp(expires, "never") == 0;
    uint64_t lasts_ms = 0;

    if (!is_endless && !tg_config_value_duration(tg_str_of(expires), &lasts_ms)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "--expires: expected a duration such as \"5m\" or \"1h\", or never");
    }
    if (!has_claim(options, "iat")) {
        add_name(out, TG_STR("iat"));
        tg_buf_add_format(out, "%" PRIu64, wall_ms / MS_PER_S);
    }
    if (!is_endless && !has_claim(options, "exp")) {
        add_name(out, TG_STR("exp"));
        tg_buf_add_format(out, "%" PRIu64, (wall_ms + lasts_ms) / MS_PER_S);
    }
    return TG_OK;
}

static int add_given(struct tg_buf *out, const struct tg_token_options *options,
                     struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < options->claim_count; i++) {
        struct tg_str json = tg_str_of(options->claims[i]);
        struct tg_str name = tg_str_split(&json, '=');
        struct tg_str value;
        if (tg_json_scan(json, &tg_json_default_limits, &value) != TG_OK) {
            return tg_errmsg_set(msg, TG_ERR_SYNTAX,
                                 "--claim: %.*s: expected JSON, such as 7, true or \"text\"",
                                 TG_STR_ARGS(name));
        }
        add_name(out, name);
        tg_buf_add_str(out, json);
    }
    return TG_OK;
}

static int write_claims(struct tg_buf *out, const struct tg_config *config,
                        const struct tg_token_options *options, uint64_t wall_ms,
                        struct tg_errmsg *msg)
{
    struct tg_claims *claims;
    const char *why;

    tg_buf_add_char(out, '{');
    int err = add_times(out, options, wall_ms, msg);
    add_claim(out, "iss", has_claim(options, "iss") ? NULL : config->auth_issuer);
    add_claim(out, "aud", has_claim(options, "aud") ? NULL : config->auth_audience);
    add_claim(out, "sub", options->sub);
    add_claim(out, "jti", options->jti);
    add_claim(out, config->tenant_claim, options->tenant);
    err = err ? err : add_given(out, options, msg);
    tg_buf_add(out, "}", 2);
    if (err || out->err) {
        return err ? err : tg_errmsg_set(msg, out->err, "claims: %s", tg_err_text(out->err));
    }
    err = tg_claims_create(tg_str(out->at, out->length - 1), config->tenant_claim, &claims, &why);
    if (err) {
        return tg_errmsg_set(msg, err, "claims: no server takes this %s",
                             err == TG_ERR_DENIED ? why : "token");
    }
    tg_claims_unref(claims);
    return TG_OK;
}

/* --- both --- */

static int mint(const struct tg_config *config, const struct tg_token_options *options,
                struct tg_str key, const char *claims, char **token, struct tg_errmsg *msg)
{
    struct tg_mint_options minting = {
        .algorithm = find_algorithm(config, options, msg),
        .key = key,
        .kid = tg_str_of(options->kid ? options->kid : first_key(config)->kid),
        .claims = claims,
    };

    if (!minting.algorithm) {
        return TG_ERR_INVALID;
    }
    int err = tg_mint_token(&minting, token, msg);
    if (err && options->key_file) {
        (void)tg_errmsg_wrap(msg, err, "--key-file: %s", options->key_file);
    }
    if (!err && strlen(*token) > config->token_bytes) {
        free(*token);
        *token = NULL;
        err = tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "the token is longer than limits.token_bytes");
    }
    return err;
}

int tg_token_command_run(const struct tg_config *config, const struct tg_token_options *options,
                         uint64_t wall_ms, char **token, struct tg_errmsg *msg)
{
    struct tg_buf key;
    struct tg_buf claims;

    *token = NULL;
    tg_buf_init(&key, KEY_BYTES_MAX);
    tg_buf_init(&claims, CLAIMS_BYTES_MAX);
    int err = load_key(config, options, &key, msg);
    err = err ? err : write_claims(&claims, config, options, wall_ms, msg);
    err = err ? err : mint(config, options, tg_buf_str(&key), claims.at, token, msg);
    if (key.at) {
        explicit_bzero(key.at, key.capacity);
    }
    tg_buf_fini(&key);
    tg_buf_fini(&claims);
    return err;
}
