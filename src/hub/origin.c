/* SPDX-License-Identifier: MIT */
#include "hub/origin.h"

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535, PORT_HTTP = 80, PORT_HTTPS = 443 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 3986 section 3.1. */
static bool is_scheme(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!is_letter(c) && (i == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.'))) {
            return false;
        }
    }
    return text.length > 0;
}

/* What browsers send of a name or an IPv4 address: letters, digits, ". - _". */
static bool is_name(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '_') {
            return false;
        }
    }
    return text.length > 0;
}

/* The inside of the brackets (RFC 3986 section 3.2.2), without a zone. */
static bool is_ipv6(struct tg_str text)
{
    size_t colons = 0;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        bool is_hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!is_hex && c != ':' && c != '.') {
            return false;
        }
        colons += c == ':' ? 1 : 0;
    }
    return colons >= 2;
}

/* 1 to 65535, without a sign or a leading zero. */
static bool read_port(struct tg_str text, uint16_t *port)
{
    uint32_t value = 0;

    if (text.length == 0 || text.length > PORT_DIGITS_MAX || text.at[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.at[i])) {
            return false;
        }
        value = value * 10 + (uint32_t)(text.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value <= PORT_MAX;
}

/* host [":" port]; *port keeps its value when none is named. */
static bool read_authority(struct tg_str text, struct tg_str *host, uint16_t *port)
{
    bool is_bracketed = text.length > 0 && text.at[0] == '[';
    const char *end = is_bracketed ? memchr(text.at, ']', text.length) : NULL;
    size_t length = 0;

    if (is_bracketed) {
        if (!end) {
            return false;
        }
        length = (size_t)(end - text.at) + 1;
        if (!is_ipv6(tg_str(text.at + 1, length - 2))) {
            return false;
        }
    } else {
        end = text.length > 0 ? memchr(text.at, ':', text.length) : NULL;
        length = end ? (size_t)(end - text.at) : text.length;
        if (!is_name(tg_str(text.at, length))) {
            return false;
        }
    }
    *host = tg_str(text.at, length);
    if (length == text.length) {
        return true;
    }
    return text.at[length] == ':' &&
           read_port(tg_str(text.at + length + 1, text.length - length - 1), port);
}

static uint16_t own_port(struct tg_str scheme)
{
    if (tg_str_is_caseless(scheme, TG_STR("https"))) {
        return PORT_HTTPS;
    }
    return tg_str_is_caseless(scheme, TG_STR("http")) ? PORT_HTTP : TG_ORIGIN_NO_PORT;
}

bool tg_origin_read(struct tg_str text, struct tg_origin *origin)
{
    const char *mark = text.length > 3 ? memmem(text.at, text.length, "://", 3) : NULL;

    if (!mark) {
        return false;
    }
    size_t length = (size_t)(mark - text.at);
    origin->scheme = tg_str(text.at, length);
    origin->port = own_port(origin->scheme);
    return is_scheme(origin->scheme) &&
           read_authority(tg_str(mark + 3, text.length - length - 3), &origin->host, &origin->port);
}

bool tg_origin_is_same(const struct tg_origin *a, const struct tg_origin *b)
{
    return tg_str_is_caseless(a->scheme, b->scheme) && tg_str_is_caseless(a->host, b->host) &&
           a->port == b->port;
}

bool tg_origin_is_host(struct tg_str origin, struct tg_str host)
{
    struct tg_origin page;
    struct tg_str name;

    if (!tg_origin_read(origin, &page) || own_port(page.scheme) == TG_ORIGIN_NO_PORT) {
        return false;
    }
    uint16_t port = own_port(page.scheme);
    return read_authority(host, &name, &port) && tg_str_is_caseless(name, page.host) &&
           port == page.port;
}

bool tg_origin_may_connect(const struct tg_string_list *list, struct tg_str origin,
                           struct tg_str host)
{
    struct tg_origin page;
    struct tg_origin allowed;

    if (!list) {
        return tg_origin_is_host(origin, host);
    }
    bool is_origin = tg_origin_read(origin, &page);
    for (uint32_t i = 0; i < list->count; i++) {
        struct tg_str item = tg_str_of(list->items[i]);
        if (tg_str_is(item, TG_STR("*")) ||
            (is_origin && tg_origin_read(item, &allowed) && tg_origin_is_same(&page, &allowed))) {
            return true;
        }
    }
    return false;
}
