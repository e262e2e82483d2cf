/* SPDX-License-Identifier: MIT */
#include "net/http_url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int refuse(struct tg_errmsg *msg, const char *what)
{
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s", what);
}

static bool is_visible(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool take(struct tg_str *rest, struct tg_str start)
{
    if (rest->length < start.length || !tg_str_is_caseless(tg_str(rest->at, start.length), start)) {
        return false;
    }
    *rest = tg_str(rest->at + start.length, rest->length - start.length);
    return true;
}

static bool is_host(struct tg_str host)
{
    for (size_t i = 0; i < host.length; i++) {
        char c = host.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_') {
            return false;
        }
    }
    return host.length > 0 && host.length < TG_HTTP_URL_HOST_BYTES;
}

/* Takes the host off the authority. */
static int read_host(struct tg_str *authority, struct tg_http_url *url, struct tg_errmsg *msg)
{
    struct in6_addr address;
    struct tg_str host = *authority;

    url->is_ipv6 = take(&host, TG_STR("["));
    const char *end = memchr(host.at, url->is_ipv6 ? ']' : ':', host.length);
    if (url->is_ipv6 && !end) {
        return refuse(msg, "expected ] behind the address");
    }
    size_t length = end ? (size_t)(end - host.at) : host.length;
    size_t past = length + (url->is_ipv6 ? 1 : 0);
    *authority = tg_str(host.at + past, host.length - past);
    host.length = length;
    if (!url->is_ipv6 && !is_host(host)) {
        return refuse(msg, "expected a host of letters, digits, dots and hyphens");
    }
    if (length >= sizeof(url->host)) {
        return refuse(msg, "expected a shorter host");
    }
    memcpy(url->host, host.at, length);
    url->host[length] = '\0';
    if (url->is_ipv6 && inet_pton(AF_INET6, url->host, &address) != 1) {
        return refuse(msg, "expected an IPv6 address between [ and ]");
    }
    return TG_OK;
}

static int read_port(struct tg_str text, struct tg_http_url *url, struct tg_errmsg *msg)
{
    unsigned port = 0;

    (void)snprintf(url->port, sizeof(url->port), "%s", url->is_tls ? "443" : "80");
    if (text.length == 0) {
        return TG_OK;
    }
    if (text.at[0] != ':' || text.length < 2 || text.length > 6) {
        return refuse(msg, "expected a port from 1 to 65535");
    }
    for (size_t i = 1; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return refuse(msg, "expected a port from 1 to 65535");
        }
        port = port * 10 + (unsigned)(text.at[i] - '0');
    }
    if (port < 1 || port > UINT16_MAX) {
        return refuse(msg, "expected a port from 1 to 65535");
    }
    (void)snprintf(url->port, sizeof(url->port), "%u", port & UINT16_MAX);
    url->has_port = true;
    return TG_OK;
}

int tg_http_url_parse(struct tg_str text, struct tg_http_url *url, struct tg_errmsg *msg)
{
    struct tg_str rest = text;

    *url = (struct tg_http_url){0};
    if (!is_visible(text)) {
        return refuse(msg, "expected no blanks, control or non-ASCII characters");
    }
    url->is_tls = take(&rest, TG_STR("https://"));
    if (!url->is_tls && !take(&rest, TG_STR("http://"))) {
        return refuse(msg, "expected https://HOST/PATH or http://HOST/PATH");
    }
    size_t length = 0;
    while (length < rest.length && !strchr("/?#", rest.at[length])) {
        length++;
    }
    struct tg_str authority = tg_str(rest.at, length);
    struct tg_str target = tg_str(rest.at + length, rest.length - length);
    if (length > 0 && memchr(authority.at, '@', length)) {
        return refuse(msg, "expected no user and password");
    }
    if (target.length > 0 && memchr(target.at, '#', target.length)) {
        return refuse(msg, "expected no fragment");
    }
    int err = length > 0 ? read_host(&authority, url, msg) : refuse(msg, "expected a host");
    err = err ? err : read_port(authority, url, msg);
    if (err) {
        return err;
    }
    bool has_path = target.length > 0 && target.at[0] == '/';
    if (target.length + 2 > sizeof(url->target)) {
        return refuse(msg, "expected a shorter path");
    }
    (void)snprintf(url->target, sizeof(url->target), "%s%.*s", has_path ? "" : "/",
                   TG_STR_ARGS(target));
    return TG_OK;
}

bool tg_http_url_is_loopback(const struct tg_http_url *url)
{
    struct in6_addr ipv6;
    struct in_addr ipv4;

    if (url->is_ipv6) {
        return inet_pton(AF_INET6, url->host, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
    }
    if (tg_str_is_caseless(tg_str_of(url->host), TG_STR("localhost"))) {
        return true;
    }
    return inet_pton(AF_INET, url->host, &ipv4) == 1 && ntohl(ipv4.s_addr) >> 24 == 127;
}
