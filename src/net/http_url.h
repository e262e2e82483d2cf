/* SPDX-License-Identifier: MIT */
/* The address of something to fetch: "https://host[:port]/path?query" or "http://..." (RFC 3986,
 * RFC 9110 section 4.2).
 * Lives in: every process. Pure. */
#ifndef TG_NET_HTTP_URL_H
#define TG_NET_HTTP_URL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_HTTP_URL_HOST_BYTES = 256, TG_HTTP_URL_TARGET_BYTES = 2048 };

struct tg_http_url {
    bool is_tls;
    bool is_ipv6;                          /* host is a literal that stood in brackets */
    char host[TG_HTTP_URL_HOST_BYTES];     /* without brackets */
    char port[6];                          /* decimal; the scheme's own where none is given */
    bool has_port;                         /* one was given */
    char target[TG_HTTP_URL_TARGET_BYTES]; /* the path with the query; "/" for none */
};

/* TG_ERR_INVALID with a message: another scheme, no host, user and password, a fragment, a blank,
 * a control or non-ASCII octet, a bad port, too long. */
int tg_http_url_parse(struct tg_str text, struct tg_http_url *url, struct tg_errmsg *msg);

/* The host can only be this machine: "localhost", 127.0.0.0/8 or ::1. */
bool tg_http_url_is_loopback(const struct tg_http_url *url);

#endif
