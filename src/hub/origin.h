/* SPDX-License-Identifier: MIT */
/* Which web pages may connect. A browser names the page's origin (RFC 6454 section 7, RFC 6455
 * section 10.2); origins are read strictly and compared by scheme, host and port, never by text.
 * Lives in: a worker. Pure. */
#ifndef TG_HUB_ORIGIN_H
#define TG_HUB_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "hub/gateway.h"

enum { TG_ORIGIN_NO_PORT = 0 };

/* Views into the text. */
struct tg_origin {
    struct tg_str scheme;
    struct tg_str host; /* a name, an IPv4 address, or an IPv6 address in its brackets */
    uint16_t port;      /* TG_ORIGIN_NO_PORT: none was named and the scheme has none of its own */
};

/* Reads scheme "://" host [":" port] and nothing else: no user, path, query or fragment. False for
 * anything more or less, "null" too. */
bool tg_origin_read(struct tg_str text, struct tg_origin *origin);

/* Schemes and hosts are the same in any case; http and https have a port when none is named. */
bool tg_origin_is_same(const struct tg_origin *a, const struct tg_origin *b);

/* Whether a page of this origin comes from the host that the Host header names (RFC 9110 section
 * 7.2). The page's scheme is http or https; a Host without a port has that scheme's: what stands in
 * front of us may have taken the TLS off. */
bool tg_origin_is_host(struct tg_str origin, struct tg_str host);

/* Whether a page of this origin may connect: one of the list (a gateway's origins; "*" is any, even
 * "null"), or without a list one of the host's own. */
bool tg_origin_may_connect(const struct tg_string_list *list, struct tg_str origin,
                           struct tg_str host);

#endif
