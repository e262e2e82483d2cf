/* SPDX-License-Identifier: MIT */
#include "core/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/edits.h"
#include "base/log.h"
#include "core/config_value.h"

enum kind {
    KIND_UINT,
    KIND_COUNT,
    KIND_BOOL,
    KIND_SIZE,
    KIND_DURATION,
    KIND_TEXT,
    KIND_LIST,
    KIND_ADDRESS,
    KIND_AUTH_KEY,
    KIND_LISTEN
};

/* What the readers know of a row beside its texts. */
struct rule {
    enum kind kind;
    size_t offset; /* in struct tg_config */
    uint64_t min;
    uint64_t max;
};

#define FORM_UINT(min, max) "a number from " #min " to " #max
#define FORM_COUNT(min, max) "auto or a number from " #min " to " #max
#define FORM_BOOL(min, max) "true or false"
#define FORM_SIZE(min, max) "octets such as 65536, \"64KiB\" or \"1MiB\""
#define FORM_DURATION(min, max)                                        \
    ((min) == 0 ? "a duration such as \"250ms\", \"5s\", \"10m\" or 0" \
                : "a duration such as \"250ms\", \"5s\" or \"10m\"")
#define FORM_TEXT(min, max) "a text"
#define FORM_LIST(min, max) "texts separated by commas, or none"
#define FORM_ADDRESS(min, max) "an address such as \"127.0.0.1:9090\" or \"[::1]:9090\", or \"off\""
#define FORM_AUTH_KEY(min, max) "a text"
#define FORM_LISTEN(min, max) "addresses such as \"127.0.0.1:8080\" or \"[::1]:8080\""

static const struct tg_config_key keys[] = {
#define ROW(kind, key, flag, env, standard, min, max, help) \
    {key, flag, env, standard, help, FORM_##kind(min, max)},
#define TG_CONFIG_UINT(field, ...) ROW(UINT, __VA_ARGS__)
#define TG_CONFIG_COUNT(field, ...) ROW(COUNT, __VA_ARGS__)
#define TG_CONFIG_BOOL(field, ...) ROW(BOOL, __VA_ARGS__)
#define TG_CONFIG_SIZE(field, ...) ROW(SIZE, __VA_ARGS__)
#define TG_CONFIG_DURATION(field, ...) ROW(DURATION, __VA_ARGS__)
#define TG_CONFIG_TEXT(field, ...) ROW(TEXT, __VA_ARGS__)
#define TG_CONFIG_LIST(field, ...) ROW(LIST, __VA_ARGS__)
#define TG_CONFIG_ADDRESS(field, ...) ROW(ADDRESS, __VA_ARGS__)
#define TG_CONFIG_AUTH_KEY(field, ...) ROW(AUTH_KEY, __VA_ARGS__)
#define TG_CONFIG_LISTEN(field, ...) ROW(LISTEN, __VA_ARGS__)
#include "core/config.def"
#undef ROW
#undef TG_CONFIG_UINT
#undef TG_CONFIG_COUNT
#undef TG_CONFIG_BOOL
#undef TG_CONFIG_SIZE
#undef TG_CONFIG_DURATION
#undef TG_CONFIG_TEXT
#undef TG_CONFIG_LIST
#undef TG_CONFIG_ADDRESS
#undef TG_CONFIG_AUTH_KEY
#undef TG_CONFIG_LISTEN
};

static const struct rule rules[] = {
#define ROW(kind, field, key, flag, env, standard, min, max, help) \
    {KIND_##kind, offsetof(struct tg_config, field), min, max},
#define TG_CONFIG_UINT(field, ...) ROW(UINT, field, __VA_ARGS__)
#define TG_CONFIG_COUNT(field, ...) ROW(COUNT, field, __VA_ARGS__)
#define TG_CONFIG_BOOL(field, ...) ROW(BOOL, field, __VA_ARGS__)
#define TG_CONFIG_SIZE(field, ...) ROW(SIZE, field, __VA_ARGS__)
#define TG_CONFIG_DURATION(field, ...) ROW(DURATION, field##_ms, __VA_ARGS__)
#define TG_CONFIG_TEXT(field, ...) ROW(TEXT, field, __VA_ARGS__)
#define TG_CONFIG_LIST(field, ...) ROW(LIST, field, __VA_ARGS__)
#define TG_CONFIG_ADDRESS(field, ...) ROW(ADDRESS, field, __VA_ARGS__)
#define TG_CONFIG_AUTH_KEY(field, ...) ROW(AUTH_KEY, field, __VA_ARGS__)
#define TG_CONFIG_LISTEN(field, ...) ROW(LISTEN, field, __VA_ARGS__)
#include "core/config.def"
#undef ROW
#undef TG_CONFIG_UINT
#undef TG_CONFIG_COUNT
#undef TG_CONFIG_BOOL
#undef TG_CONFIG_SIZE
#undef TG_CONFIG_DURATION
#undef TG_CONFIG_TEXT
#undef TG_CONFIG_LIST
#undef TG_CONFIG_ADDRESS
#undef TG_CONFIG_AUTH_KEY
#undef TG_CONFIG_LISTEN
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Keys that aren't rows of their own: parts of an address, as the file writes them. */
static const char *const part_keys[] = {
    "listen[1].address", "listen[1].port", "listen[1].tls.certificate",
    "listen[1].tls.key", "admin.address",  "admin.port"};

enum { PART_KEYS = sizeof(part_keys) / sizeof(part_keys[0]) };

const struct tg_config_key *tg_config_keys(uint32_t *count)
{
    *count = KEYS;
    return keys;
}

const struct tg_config_key *tg_config_find_flag(struct tg_str flag)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        if (keys[i].flag && tg_str_is(flag, tg_str_of(keys[i].flag))) {
            return &keys[i];
        }
    }
    return NULL;
}

/* --- the nearest key --- */

static struct tg_str leaf_of(struct tg_str key)
{
    const char *dot = key.length > 0 ? memrchr(key.at, '.', key.length) : NULL;

    return dot ? tg_str(dot + 1, key.length - (size_t)(dot + 1 - key.at)) : key;
}

/* Past this many edits a word is another word. */
static uint32_t tolerance(struct tg_str word)
{
    return 1 + (uint32_t)(word.length / 4);
}

/* By the whole key; or by its last part alone, one edit farther: the table was left out or is
 * another one. UINT32_MAX: not near. */
static uint32_t distance(struct tg_str key, struct tg_str real)
{
    uint32_t whole = tg_edits(key, real);
    uint32_t leaf = tg_edits(leaf_of(key), leaf_of(real));

    if (whole > tolerance(key)) {
        whole = UINT32_MAX;
    }
    leaf = leaf > tolerance(leaf_of(key)) ? UINT32_MAX : leaf + 1;
    return whole < leaf ? whole : leaf;
}

const char *tg_config_nearest(struct tg_str key)
{
    const char *nearest = NULL;
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < (uint32_t)KEYS + PART_KEYS; i++) {
        const char *real = i < KEYS ? keys[i].key : part_keys[i - KEYS];
        uint32_t far = distance(key, tg_str_of(real));
        if (far < best) {
            best = far;
            nearest = real;
        }
    }
    return nearest;
}

/* --- what is said about a wrong value --- */

enum { SHOWN_BYTES = 96 };

/* Always in quotes, cut, without control octets. */
static void quote(char out[SHOWN_BYTES], struct tg_str value)
{
    char inner[SHOWN_BYTES - 2];

    (void)tg_log_quote(inner, sizeof(inner), value);
    (void)snprintf(out, SHOWN_BYTES, inner[0] == '"' ? "%s" : "\"%s\"", inner);
}

static bool is_secret(const char *key)
{
    return tg_str_is(leaf_of(tg_str_of(key)), TG_STR("secret"));
}

static int expected(const char *key, const char *form, struct tg_str value, struct tg_errmsg *msg)
{
    char shown[SHOWN_BYTES];

    if (is_secret(key)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected %s", key, form);
    }
    quote(shown, value);
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected %s, got %s", key, form, shown);
}

static int out_of_range(const char *key, const struct rule *rule, struct tg_str value,
                        struct tg_errmsg *msg)
{
    char min[TG_CONFIG_VALUE_BYTES];
    char max[TG_CONFIG_VALUE_BYTES];
    char shown[SHOWN_BYTES];
    bool is_size = rule->kind == KIND_SIZE;

    quote(shown, value);
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected %s from %s to %s, got %s", key,
                         is_size ? "a size" : "a duration",
                         is_size ? tg_config_value_print_size(min, rule->min)
                                 : tg_config_value_print_duration(min, rule->min),
                         is_size ? tg_config_value_print_size(max, rule->max)
                                 : tg_config_value_print_duration(max, rule->max),
                         shown);
}

static int unknown(struct tg_str key, struct tg_errmsg *msg)
{
    char shown[SHOWN_BYTES];
    const char *nearest = tg_config_nearest(key);

    (void)tg_log_quote(shown, sizeof(shown), key);
    if (nearest) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: unknown key, the nearest is %s", shown,
                             nearest);
    }
    return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: unknown key", shown);
}

/* --- setting --- */

static int set_number(uint64_t *field, uint32_t row, struct tg_str value, struct tg_errmsg *msg)
{
    const struct rule *rule = &rules[row];
    uint64_t number;
    bool is_plain = rule->kind == KIND_UINT || rule->kind == KIND_COUNT;
    bool is_read = is_plain                  ? tg_config_value_uint(value, &number)
                   : rule->kind == KIND_SIZE ? tg_config_value_size(value, &number)
                                             : tg_config_value_duration(value, &number);

    if (!is_read) {
        return expected(keys[row].key, keys[row].form, value, msg);
    }
    if (number < rule->min || number > rule->max) {
        return is_plain ? expected(keys[row].key, keys[row].form, value, msg)
                        : out_of_range(keys[row].key, rule, value, msg);
    }
    *field = number;
    return TG_OK;
}

static int set_count(uint64_t *field, uint32_t row, struct tg_str value, struct tg_errmsg *msg)
{
    if (tg_str_is(value, TG_STR("auto"))) {
        *field = 0;
        return TG_OK;
    }
    return set_number(field, row, value, msg);
}

static void free_text(char **field)
{
    if (*field) {
        explicit_bzero(*field, strlen(*field));
        free(*field);
        *field = NULL;
    }
}

static int set_text(char **field, const char *key, struct tg_str value, struct tg_errmsg *msg)
{
    if (value.length == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a text that is not empty", key);
    }
    for (size_t i = 0; i < value.length; i++) {
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "%s: expected a text without control characters", key);
        }
    }
    char *copy = tg_str_copy(value);
    if (!copy) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: out of memory", key);
    }
    free_text(field);
    *field = copy;
    return TG_OK;
}

/* "off" or a whole address. */
static int set_address(struct tg_address *field, const char *key, const char *form,
                       struct tg_str value, struct tg_errmsg *msg)
{
    if (tg_str_is(value, TG_STR("off"))) {
        *field = (struct tg_address){0};
        return TG_OK;
    }
    return tg_config_value_address(value, field) ? TG_OK : expected(key, form, value, msg);
}

static void free_listen_tls(struct tg_config *config)
{
    for (uint32_t i = 0; i < TG_LISTEN_MAX; i++) {
        free_text(&config->listen_tls[i].certificate);
        free_text(&config->listen_tls[i].key);
    }
}

/* A comma-separated list takes the place of all that was there, TLS included. */
static int set_listen(struct tg_config *config, uint32_t row, struct tg_str value,
                      struct tg_errmsg *msg)
{
    struct tg_address read[TG_LISTEN_MAX] = {0};
    uint32_t count = 0;
    struct tg_str rest = value;

    do {
        struct tg_str part = tg_str_trim(tg_str_split(&rest, ','));
        if (count == TG_LISTEN_MAX) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected at most %d addresses",
                                 keys[row].key, (int)TG_LISTEN_MAX);
        }
        if (!tg_config_value_address(part, &read[count])) {
            return expected(keys[row].key, keys[row].form, part, msg);
        }
        count++;
    } while (rest.at);
    free_listen_tls(config);
    memcpy(config->listen, read, sizeof(read));
    config->listen_count = count;
    config->listen_without_port = 0;
    return TG_OK;
}

static int set_row(struct tg_config *config, uint32_t row, struct tg_str value,
                   struct tg_errmsg *msg)
{
    void *field = (char *)config + rules[row].offset;

    switch (rules[row].kind) {
    case KIND_UINT:
    case KIND_SIZE:
    case KIND_DURATION:
        return set_number(field, row, value, msg);
    case KIND_COUNT:
        return set_count(field, row, value, msg);
    case KIND_BOOL:
        return tg_config_value_bool(value, field)
                   ? TG_OK
                   : expected(keys[row].key, keys[row].form, value, msg);
    case KIND_TEXT:
        return set_text(field, keys[row].key, value, msg);
    case KIND_LIST:
        return tg_config_list_set(field, keys[row].key, value, msg);
    case KIND_ADDRESS:
        return set_address(field, keys[row].key, keys[row].form, value, msg);
    case KIND_AUTH_KEY:
        return tg_config_auth_keys_set(field, keys[row].key, value, msg);
    case KIND_LISTEN:
        return set_listen(config, row, value, msg);
    }
    return TG_ERR_INVALID;
}

/* The address or the port of one. */
static int set_part(struct tg_address *field, const char *key, struct tg_str part,
                    struct tg_str value, struct tg_errmsg *msg)
{
    if (tg_str_is(part, TG_STR("address"))) {
        return tg_config_value_host(value, field->host)
                   ? TG_OK
                   : expected(key, "an IP address such as \"0.0.0.0\" or \"::1\"", value, msg);
    }
    if (tg_str_is(part, TG_STR("port"))) {
        return tg_config_value_port(value, &field->port)
                   ? TG_OK
                   : expected(key, "a port from 0 to 65535", value, msg);
    }
    return unknown(tg_str_of(key), msg);
}

/* A part of a listener. */
static int set_listen_part(struct tg_config_tls *tls, struct tg_address *address, const char *key,
                           struct tg_str part, struct tg_str value, struct tg_errmsg *msg)
{
    if (tg_str_is(part, TG_STR("tls.certificate"))) {
        return set_text(&tls->certificate, key, value, msg);
    }
    if (tg_str_is(part, TG_STR("tls.key"))) {
        return set_text(&tls->key, key, value, msg);
    }
    return set_part(address, key, part, value, msg);
}

/* rest is what follows "listen[" in the key: "2].port", or "2]" for a whole address. */
static int set_listen_item(struct tg_config *config, const char *key, struct tg_str rest,
                           struct tg_str value, struct tg_errmsg *msg)
{
    uint64_t number;
    struct tg_str digits = tg_str_split(&rest, ']');
    int err;

    if (!tg_config_value_uint(digits, &number) || number == 0 || !rest.at ||
        (rest.length > 0 && rest.at[0] != '.')) {
        return unknown(tg_str_of(key), msg);
    }
    if (number > TG_LISTEN_MAX || number > (uint64_t)config->listen_count + 1) {
        /* What follows the number hasn't been looked at yet. */
        char shown[SHOWN_BYTES];
        (void)tg_log_quote(shown, sizeof(shown), tg_str_of(key));
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a list of at most %d addresses",
                             shown, (int)TG_LISTEN_MAX);
    }
    uint32_t index = (uint32_t)number - 1;
    bool is_new = index == config->listen_count;
    struct tg_address address = is_new ? (struct tg_address){0} : config->listen[index];
    bool has_port = !is_new && !(config->listen_without_port & 1u << index);
    if (rest.length == 0) {
        err = tg_config_value_address(value, &address)
                  ? TG_OK
                  : expected(key, "an address such as \"127.0.0.1:8080\" or \"[::1]:8080\"", value,
                             msg);
        has_port = true;
    } else {
        struct tg_str part = tg_str(rest.at + 1, rest.length - 1);
        err = set_listen_part(&config->listen_tls[index], &address, key, part, value, msg);
        has_port = has_port || tg_str_is(part, TG_STR("port"));
    }
    if (err) {
        return err;
    }
    config->listen[index] = address;
    config->listen_count += is_new ? 1 : 0;
    config->listen_without_port &= ~(1u << index);
    config->listen_without_port |= has_port ? 0 : 1u << index;
    return TG_OK;
}

/* "KEY[N]" of a LIST. TG_ERR_NOT_FOUND, without a message, when it is none. */
static int set_list_item(struct tg_config *config, const char *key, struct tg_str value,
                         struct tg_errmsg *msg)
{
    struct tg_str rest = tg_str_of(key);
    struct tg_str name = tg_str_split(&rest, '[');
    struct tg_str digits = rest.at ? tg_str_split(&rest, ']') : rest;
    uint64_t number;

    if (!rest.at || rest.length > 0 || !tg_config_value_uint(digits, &number) || number == 0) {
        return TG_ERR_NOT_FOUND;
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        if (rules[i].kind == KIND_LIST && tg_str_is(name, tg_str_of(keys[i].key))) {
            void *field = (char *)config + rules[i].offset;
            return tg_config_list_set_item(field, keys[i].key, number, value, msg);
        }
    }
    return TG_ERR_NOT_FOUND;
}

int tg_config_set(struct tg_config *config, const char *key, struct tg_str value,
                  struct tg_errmsg *msg)
{
    struct tg_str name = tg_str_of(key);
    struct tg_str listen = TG_STR("listen[");
    struct tg_str admin = TG_STR("admin.");

    if (value.length > TG_CONFIG_TEXT_MAX) {
        char shown[SHOWN_BYTES];
        (void)tg_log_quote(shown, sizeof(shown), name);
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected at most %d octets", shown,
                             (int)TG_CONFIG_TEXT_MAX);
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        if (tg_str_is(name, tg_str_of(keys[i].key))) {
            return set_row(config, i, value, msg);
        }
    }
    if (tg_str_starts(name, listen)) {
        struct tg_str rest = tg_str(key + listen.length, name.length - listen.length);
        return set_listen_item(config, key, rest, value, msg);
    }
    if (tg_str_starts(name, admin)) {
        struct tg_str part = tg_str(key + admin.length, name.length - admin.length);
        return set_part(&config->admin, key, part, value, msg);
    }
    int err = tg_config_auth_keys_set(&config->auth_keys, key, value, msg);
    err = err == TG_ERR_NOT_FOUND ? set_list_item(config, key, value, msg) : err;
    return err == TG_ERR_NOT_FOUND ? unknown(name, msg) : err;
}

/* --- whole configurations --- */

int tg_config_init(struct tg_config *config)
{
    *config = (struct tg_config){0};
    for (uint32_t i = 0; i < KEYS; i++) {
        struct tg_errmsg msg = {0};
        if (!keys[i].standard) {
            continue;
        }
        int err = set_row(config, i, tg_str_of(keys[i].standard), &msg);
        if (err == TG_ERR_NOMEM) {
            tg_config_fini(config);
            return err;
        }
        tg_require(err == TG_OK);
    }
    return TG_OK;
}

void tg_config_fini(struct tg_config *config)
{
    free_listen_tls(config);
    tg_config_auth_keys_fini(&config->auth_keys);
    for (uint32_t i = 0; i < KEYS; i++) {
        void *field = (char *)config + rules[i].offset;
        if (rules[i].kind == KIND_TEXT) {
            free_text(field);
        } else if (rules[i].kind == KIND_LIST) {
            tg_config_list_fini(field);
        }
    }
    *config = (struct tg_config){0};
}

/* A variable with our prefix that is nearly one of ours was meant to be it. Others with the prefix
 * may be the file's own. */
static int check_variable(struct tg_str name, struct tg_errmsg *msg)
{
    uint32_t best = 3;
    const char *nearest = NULL;

    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t far = tg_edits(name, tg_str_of(keys[i].env));
        if (far == 0) {
            return TG_OK;
        }
        if (far < best) {
            best = far;
            nearest = keys[i].env;
        }
    }
    if (!nearest) {
        return TG_OK;
    }
    char shown[SHOWN_BYTES];
    (void)tg_log_quote(shown, sizeof(shown), name);
    return tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                         "%s: unknown environment variable, the nearest is %s", shown, nearest);
}

int tg_config_read_environment(struct tg_config *config, struct tg_errmsg *msg)
{
    for (char *const *variable = environ; variable && *variable; variable++) {
        struct tg_str rest = tg_str_of(*variable);
        struct tg_str name = tg_str_split(&rest, '=');
        if (!tg_str_starts(name, TG_STR("TIDEGATE_"))) {
            continue;
        }
        int err = check_variable(name, msg);
        if (err) {
            return err;
        }
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        const char *value = getenv(keys[i].env);
        if (!value) {
            continue;
        }
        int err = tg_config_set(config, keys[i].key, tg_str_of(value), msg);
        if (err) {
            return tg_errmsg_wrap(msg, err, "%s", keys[i].env);
        }
    }
    return TG_OK;
}
