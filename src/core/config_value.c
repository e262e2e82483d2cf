/* SPDX-License-Identifier: MIT */
#include "core/config_value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

struct unit {
    const char *name;
    uint64_t worth;
};

/* The largest first: printing takes the first that divides. */
static const struct unit sizes[] = {{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}};
static const struct unit durations[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

enum { SIZE_UNITS = 3, DURATION_UNITS = 4 };

static bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

bool tg_config_value_uint(struct tg_str text, uint64_t *value)
{
    uint64_t sum = 0;

    if (text.length == 0 || (text.length > 1 && text.at[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.at[i]) || __builtin_mul_overflow(sum, (uint64_t)10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(text.at[i] - '0'), &sum)) {
            return false;
        }
    }
    *value = sum;
    return true;
}

bool tg_config_value_bool(struct tg_str text, bool *value)
{
    bool is_true = tg_str_is(text, TG_STR("true"));

    if (!is_true && !tg_str_is(text, TG_STR("false"))) {
        return false;
    }
    *value = is_true;
    return true;
}

/* Digits and the name of a unit. */
static bool read_measure(struct tg_str text, const struct unit *units, int count, uint64_t *value)
{
    size_t digits = 0;
    uint64_t number;

    while (digits < text.length && is_digit(text.at[digits])) {
        digits++;
    }
    if (!tg_config_value_uint(tg_str(text.at, digits), &number)) {
        return false;
    }
    struct tg_str name = tg_str(text.at + digits, text.length - digits);
    for (int i = 0; i < count; i++) {
        if (tg_str_is(name, tg_str_of(units[i].name))) {
            return !__builtin_mul_overflow(number, units[i].worth, value);
        }
    }
    return false;
}

bool tg_config_value_size(struct tg_str text, uint64_t *octets)
{
    uint64_t value;

    if (!tg_config_value_uint(text, &value) && !read_measure(text, sizes, SIZE_UNITS, &value)) {
        return false;
    }
    *octets = value;
    return true;
}

bool tg_config_value_duration(struct tg_str text, uint64_t *ms)
{
    uint64_t value = 0;

    if (!tg_str_is(text, TG_STR("0")) && !read_measure(text, durations, DURATION_UNITS, &value)) {
        return false;
    }
    *ms = value;
    return true;
}

bool tg_config_value_host(struct tg_str text, char host[64])
{
    char literal[64];
    unsigned char octets[16];

    if (text.length >= 2 && text.at[0] == '[' && text.at[text.length - 1] == ']') {
        text = tg_str(text.at + 1, text.length - 2);
        /* Brackets are for IPv6 alone (RFC 3986 section 3.2.2). */
        if (!memchr(text.at, ':', text.length)) {
            return false;
        }
    }
    if (text.length == 0 || text.length >= sizeof(literal) ||
        memchr(text.at, '\0', text.length) != NULL) {
        return false;
    }
    memcpy(literal, text.at, text.length);
    literal[text.length] = '\0';
    if (inet_pton(AF_INET, literal, octets) != 1 && inet_pton(AF_INET6, literal, octets) != 1) {
        return false;
    }
    memcpy(host, literal, text.length + 1);
    return true;
}

bool tg_config_value_port(struct tg_str text, uint16_t *port)
{
    uint64_t number;

    if (!tg_config_value_uint(text, &number) || number > UINT16_MAX) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

bool tg_config_value_address(struct tg_str text, struct tg_address *address)
{
    struct tg_address read = {0};
    const char *colon = text.length > 0 ? memrchr(text.at, ':', text.length) : NULL;

    if (!colon) {
        return false;
    }
    struct tg_str host = tg_str(text.at, (size_t)(colon - text.at));
    struct tg_str port = tg_str(colon + 1, text.length - host.length - 1);
    /* Without brackets, "::1:80" could be all host. */
    if (host.length == 0 || (host.at[0] != '[' && memchr(host.at, ':', host.length)) ||
        !tg_config_value_host(host, read.host) || !tg_config_value_port(port, &read.port)) {
        return false;
    }
    *address = read;
    return true;
}

static const char *print_measure(char *out, uint64_t value, const struct unit *units, int count)
{
    for (int i = 0; i < count && value > 0; i++) {
        if (value % units[i].worth == 0) {
            (void)snprintf(out, TG_CONFIG_VALUE_BYTES, "%" PRIu64 "%s", value / units[i].worth,
                           units[i].name);
            return out;
        }
    }
    (void)snprintf(out, TG_CONFIG_VALUE_BYTES, "%" PRIu64, value);
    return out;
}

const char *tg_config_value_print_size(char out[TG_CONFIG_VALUE_BYTES], uint64_t octets)
{
    return print_measure(out, octets, sizes, SIZE_UNITS);
}

const char *tg_config_value_print_duration(char out[TG_CONFIG_VALUE_BYTES], uint64_t ms)
{
    return print_measure(out, ms, durations, DURATION_UNITS);
}
