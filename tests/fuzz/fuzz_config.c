/* SPDX-License-Identifier: MIT */
/* Lines "key=value" set one after the other into one configuration, which is then judged as a
 * whole; each value also goes through the readers of single values, and the whole input is walked
 * as the source of a file. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "core/config.h"
#include "core/config_value.h"
#include "script/config_lines.h"

enum { LINES_MAX = 16, KEY_BYTES = 512 };

/* For a terminal: one line, and something on it. */
static void check_message(const struct tg_errmsg *msg)
{
    size_t length = strnlen(msg->text, sizeof(msg->text));

    tg_require(length > 0 && length < sizeof(msg->text));
    for (size_t i = 0; i < length; i++) {
        tg_require((unsigned char)msg->text[i] >= ' ' && msg->text[i] != 0x7f);
    }
}

/* Octet by octet: what a failed call left alone is alike down to the padding. */
static bool is_same(const void *a, const void *b)
{
    unsigned char octets[2][sizeof(struct tg_config)];

    memcpy(octets[0], a, sizeof(octets[0]));
    memcpy(octets[1], b, sizeof(octets[1]));
    return memcmp(octets[0], octets[1], sizeof(octets[0])) == 0;
}

static void set(struct tg_config *config, const char *key, struct tg_str value)
{
    struct tg_config before;
    struct tg_errmsg msg = {0};

    memcpy(&before, config, sizeof(before));
    int err = tg_config_set(config, key, value, &msg);
    tg_require(config->listen_count <= TG_LISTEN_MAX);
    if (err) {
        tg_require(err == TG_ERR_INVALID || err == TG_ERR_NOT_FOUND);
        tg_require(is_same(&before, config));
        check_message(&msg);
    }
}

static void set_line(struct tg_config *config, struct tg_str line)
{
    char key[KEY_BYTES];
    struct tg_str name = tg_str_split(&line, '=');

    if (name.length >= sizeof(key)) {
        return;
    }
    if (name.length > 0) {
        memcpy(key, name.at, name.length);
    }
    key[name.length] = '\0';
    set(config, key, line);
}

/* What is read and printed is read again as the same. */
static void check_value(struct tg_str value)
{
    char text[TG_CONFIG_VALUE_BYTES];
    uint64_t number;
    uint64_t again;
    struct tg_address address;
    bool flag;

    if (tg_config_value_size(value, &number)) {
        (void)tg_config_value_print_size(text, number);
        tg_require(tg_config_value_size(tg_str_of(text), &again) && again == number);
    }
    if (tg_config_value_duration(value, &number)) {
        (void)tg_config_value_print_duration(text, number);
        tg_require(tg_config_value_duration(tg_str_of(text), &again) && again == number);
    }
    if (tg_config_value_uint(value, &number)) {
        tg_require(value.length <= 20 && tg_config_value_size(value, &again) && again == number);
    }
    if (tg_config_value_address(value, &address)) {
        char host[64];
        tg_require(strnlen(address.host, sizeof(address.host)) < sizeof(address.host));
        tg_require(tg_config_value_host(tg_str_of(address.host), host));
        tg_require(strcmp(host, address.host) == 0);
    }
    if (tg_config_value_bool(value, &flag)) {
        tg_require(value.length == (flag ? 4 : 5));
    }
}

static void on_key(void *self, struct tg_str key, int line)
{
    const int *lines = self;

    tg_require(key.length > 0 && key.length < 256);
    tg_require(line >= 1 && line <= *lines);
}

static void walk(struct tg_str source)
{
    int lines = 1;

    for (size_t i = 0; source.at && i < source.length; i++) {
        lines += source.at[i] == '\n' ? 1 : 0;
    }
    tg_config_lines_walk(source, on_key, &lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str source = tg_str((const char *)input, length);
    struct tg_str rest = source;
    struct tg_errmsg msg = {0};
    struct tg_config config;

    tg_require(tg_config_init(&config) == TG_OK);
    for (int i = 0; i < LINES_MAX && rest.at; i++) {
        struct tg_str line = tg_str_split(&rest, '\n');
        struct tg_str value = line;
        set_line(&config, line);
        (void)tg_str_split(&value, '=');
        check_value(value);
    }
    if (tg_config_validate(&config, &msg) != TG_OK) {
        check_message(&msg);
    }
    tg_config_fini(&config);
    walk(source);
    return 0;
}
