/* SPDX-License-Identifier: MIT */
#include "core/config_auth_keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/config_value.h"

static const char START[] = "auth.keys[";

enum { SHOWN_BYTES = 96 };

static const struct {
    const char *name;
    size_t offset; /* in struct tg_config_auth_key */
    bool has_lines;
} parts[] = {
    {"kid", offsetof(struct tg_config_auth_key, kid), false},
    {"alg", offsetof(struct tg_config_auth_key, alg), false},
    {"secret", offsetof(struct tg_config_auth_key, secret), false},
    {"public_key_file", offsetof(struct tg_config_auth_key, public_key_file), false},
    {"public_key", offsetof(struct tg_config_auth_key, public_key), true},
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static char **part_of(struct tg_config_auth_key *key, size_t part)
{
    return (char **)(void *)((char *)key + parts[part].offset);
}

static void free_text(char **text)
{
    if (*text) {
        explicit_bzero(*text, strlen(*text));
        free(*text);
        *text = NULL;
    }
}

/* Reads "auth.keys[N].PART". False when it is not of that form, or has no such part. */
static bool read_key(const char *key, uint64_t *number, size_t *part)
{
    struct tg_str rest = tg_str_of(key);

    if (!tg_str_starts(rest, tg_str_of(START))) {
        return false;
    }
    rest = tg_str(rest.at + sizeof(START) - 1, rest.length - (sizeof(START) - 1));
    struct tg_str digits = tg_str_split(&rest, ']');
    if (!tg_config_value_uint(digits, number) || *number == 0 || rest.length < 2 ||
        rest.at[0] != '.') {
        return false;
    }
    struct tg_str name = tg_str(rest.at + 1, rest.length - 1);
    for (*part = 0; *part < PARTS; (*part)++) {
        if (tg_str_is(name, tg_str_of(parts[*part].name))) {
            return true;
        }
    }
    return false;
}

static bool is_writable(struct tg_str value, bool has_lines)
{
    for (size_t i = 0; i < value.length; i++) {
        bool is_line_end = has_lines && (value.at[i] == '\n' || value.at[i] == '\r');
        if (!is_line_end && ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f)) {
            return false;
        }
    }
    return true;
}

int tg_config_auth_keys_set(struct tg_config_auth_keys *keys, const char *key, struct tg_str value,
                            struct tg_errmsg *msg)
{
    uint64_t number;
    size_t part;

    if (!read_key(key, &number, &part)) {
        return TG_ERR_NOT_FOUND;
    }
    if (number > TG_CONFIG_AUTH_KEYS_MAX || number > (uint64_t)keys->count + 1) {
        char shown[SHOWN_BYTES];
        (void)tg_log_quote(shown, sizeof(shown), tg_str_of(key));
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a list of at most %d keys", shown,
                             (int)TG_CONFIG_AUTH_KEYS_MAX);
    }
    if (value.length == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a text that is not empty", key);
    }
    if (!is_writable(value, parts[part].has_lines)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a text without control characters",
                             key);
    }
    char *copy = tg_str_copy(value);
    if (!copy) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: out of memory", key);
    }
    char **field = part_of(&keys->items[number - 1], part);
    free_text(field);
    *field = copy;
    keys->count = number > keys->count ? (uint32_t)number : keys->count;
    return TG_OK;
}

int tg_config_auth_keys_validate(const struct tg_config_auth_keys *keys, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct tg_config_auth_key *key = &keys->items[i];
        int given =
            (key->secret ? 1 : 0) + (key->public_key_file ? 1 : 0) + (key->public_key ? 1 : 0);
        if (given != 1) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "auth.keys[%u]: expected one of secret, public_key_file and "
                                 "public_key, got %s",
                                 i + 1, given ? "more" : "none");
        }
    }
    return TG_OK;
}

void tg_config_auth_keys_fini(struct tg_config_auth_keys *keys)
{
    for (uint32_t i = 0; i < TG_CONFIG_AUTH_KEYS_MAX; i++) {
        for (size_t part = 0; part < PARTS; part++) {
            free_text(part_of(&keys->items[i], part));
        }
    }
    *keys = (struct tg_config_auth_keys){0};
}
