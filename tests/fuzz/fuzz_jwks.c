/* SPDX-License-Identifier: MIT */
/* A JWK Set as an identity provider may publish it: refused with a line for the log and no key, or
 * read to keys that are whole, each of a kid of its own. */
#include "target.h"

#include "base/check.h"
#include "jose/jwks.h"

/* For a log: one line, and something on it. */
static void check_message(const struct tg_errmsg *msg)
{
    size_t length = strnlen(msg->text, sizeof(msg->text));

    tg_require(length > 0 && length < sizeof(msg->text));
    for (size_t i = 0; i < length; i++) {
        tg_require((unsigned char)msg->text[i] >= ' ' && (unsigned char)msg->text[i] < 0x7f);
    }
}

static void check_key(const struct tg_key_set *set, const struct tg_key *key)
{
    const char *why;

    tg_require(key->algorithm && key->algorithm->family != TG_ALGORITHM_HMAC);
    tg_require(key->signature_bytes >= 64 && key->signature_bytes <= 1024);
    tg_require(strncmp(key->text, "-----BEGIN PUBLIC KEY-----", 26) == 0);
    tg_require(strlen(key->text) == key->length);
    if (key->kid) {
        tg_require(tg_key_set_find(set, tg_str_of(key->algorithm->name), tg_str_of(key->kid),
                                   &why) == key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_key_set set = {0};
    struct tg_jwks_report report;
    struct tg_errmsg msg = {0};
    int err = tg_jwks_read(tg_str((const char *)input, length), &set, &report, &msg);

    if (err) {
        tg_require(err == TG_ERR_INVALID || err == TG_ERR_TOO_LARGE);
        tg_require(set.count == 0 && !set.keys);
        check_message(&msg);
    } else {
        tg_require(set.count > 0 &&
                   set.count + report.skipped + report.refused <= TG_JWKS_KEYS_MAX);
        for (uint32_t i = 0; i < set.count; i++) {
            check_key(&set, &set.keys[i]);
        }
    }
    if (report.refused > 0) {
        check_message(&report.reason);
    }
    tg_key_set_fini(&set);
    return 0;
}
