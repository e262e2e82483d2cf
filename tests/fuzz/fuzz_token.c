/* SPDX-License-Identifier: MIT */
/* Tokens as a peer may send them: refused with a word for the log and nothing held, or verified
 * with claims that are an object within the decoder's limits. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "hub/auth.h"
#include "hub/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

static struct tg_auth *make_auth(void)
{
    struct tg_config config = {
        .auth_keys = {.items = {{.secret = (char[]){"0123456789abcdef0123456789abcdef"}}},
                      .count = 1},
        .auth_token_cache = 2,
        .token_bytes = 8192,
        .auth_require_exp = true,
    };
    struct tg_auth *auth = NULL;
    struct tg_errmsg msg;

    tg_require(tg_auth_create(&config, &auth, &msg) == TG_OK);
    return auth;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct tg_auth *auth = make_auth();
    struct tg_token token;
    const char *why = NULL;
    int err =
        tg_auth_verify(auth, tg_str((const char *)octets, length), 1700000000000, &token, &why);

    if (err == TG_OK) {
        struct tg_str value;
        tg_require(token.claims && token.claims[0] == '{' && token.expires_at_ms > 0);
        tg_require(tg_json_scan(tg_str_of(token.claims), &tg_json_default_limits, &value) == TG_OK);
    } else {
        tg_require(err == TG_ERR_DENIED && why && !token.claims && !token.tenant && !token.held);
    }
    tg_token_fini(&token);
    tg_auth_destroy(auth);
    return 0;
}
