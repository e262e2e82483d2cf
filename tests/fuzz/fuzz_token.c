/* SPDX-License-Identifier: MIT */
/* Tokens as a peer may send them, where there is a key of each kind: refused with a word for the
 * log and nothing held, or verified with claims that are an object within the decoder's limits; and
 * the same once more when it is asked again. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "hub/auth.h"
#include "hub/json_scan.h"

static const struct {
    const char *name;
    const char *pem;
} pems[] = {
#define PEM(name, text) {name, text},
#define JWK(name, text)
#define TOKEN(key, alg, text)
#include "../unit/jose/keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

static void set(struct tg_config *config, const char *key, const char *value)
{
    struct tg_errmsg msg;

    tg_require(tg_config_set(config, key, tg_str_of(value), &msg) == TG_OK);
}

static const char *find_pem(const char *name)
{
    for (size_t i = 0; i < sizeof(pems) / sizeof(pems[0]); i++) {
        if (strcmp(pems[i].name, name) == 0) {
            return pems[i].pem;
        }
    }
    return "";
}

/* Made once and kept: reading keys costs more than judging a token. */
static struct tg_auth *the_auth(void)
{
    static struct tg_config config;
    static struct tg_auth *auth;
    struct tg_errmsg msg;

    if (auth) {
        return auth;
    }
    tg_require(tg_config_init(&config) == TG_OK);
    set(&config, "auth.keys[1].secret", "0123456789abcdef0123456789abcdef");
    set(&config, "auth.keys[2].alg", "RS256");
    set(&config, "auth.keys[2].kid", "rsa_2048");
    set(&config, "auth.keys[2].public_key", find_pem("rsa_2048"));
    set(&config, "auth.keys[3].alg", "ES256");
    set(&config, "auth.keys[3].kid", "p_256");
    set(&config, "auth.keys[3].public_key", find_pem("p_256"));
    set(&config, "auth.token_cache", "2");
    tg_require(tg_auth_create(&config, &auth, &msg) == TG_OK);
    return auth;
}

static int judge(struct tg_str text, bool is_second)
{
    struct tg_token token;
    const char *why = NULL;
    int err = tg_auth_verify(the_auth(), text, 1700000000000, &token, &why);

    if (err == TG_OK) {
        struct tg_str value;
        tg_require(token.claims && token.claims[0] == '{' && token.expires_at_ms > 0);
        tg_require(tg_json_scan(tg_str_of(token.claims), &tg_json_default_limits, &value) == TG_OK);
        tg_require(token.is_known || !is_second);
    } else {
        tg_require(err == TG_ERR_DENIED && why && !token.claims && !token.tenant && !token.held);
    }
    tg_token_fini(&token);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str text = tg_str((const char *)input, length);
    int err = judge(text, false);

    tg_require(judge(text, true) == err);
    return 0;
}
