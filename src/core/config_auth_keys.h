/* SPDX-License-Identifier: MIT */
/* The keys of the configuration that tokens are verified with, auth.keys, as they were written:
 * what they are good for is judged by hub/auth.
 * Lives in: every process. Owns: its strings, wiped at the end. */
#ifndef TG_CORE_CONFIG_AUTH_KEYS_H
#define TG_CORE_CONFIG_AUTH_KEYS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_CONFIG_AUTH_KEYS_MAX = 16 };

/* NULL: not given. */
struct tg_config_auth_key {
    char *kid;
    char *alg;
    char *secret;
    char *public_key_file; /* a relative path is relative to the working directory */
    char *public_key;      /* PEM; the file's content once it was read */
};

/* Zeroes: none. */
struct tg_config_auth_keys {
    struct tg_config_auth_key items[TG_CONFIG_AUTH_KEYS_MAX];
    uint32_t count;
};

/* Sets one part: key is "auth.keys[N].PART", with N from 1 to one more than there are.
 * TG_ERR_NOT_FOUND, without a message: there is no such part; TG_ERR_INVALID, TG_ERR_NOMEM with a
 * message that never holds the value; nothing is changed then. */
int tg_config_auth_keys_set(struct tg_config_auth_keys *keys, const char *key, struct tg_str value,
                            struct tg_errmsg *msg);

/* That each has exactly one of secret, public_key_file and public_key. TG_ERR_INVALID. */
int tg_config_auth_keys_validate(const struct tg_config_auth_keys *keys, struct tg_errmsg *msg);

/* Accepts zeroes; leaves none. */
void tg_config_auth_keys_fini(struct tg_config_auth_keys *keys);

#endif
