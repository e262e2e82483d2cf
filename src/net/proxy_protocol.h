/* SPDX-License-Identifier: MIT */
/* The header that a proxy puts before what a client sends, to say who the client is: version 1, a
 * line of text, and version 2, binary, of "The PROXY protocol" (HAProxy's proxy-protocol.txt,
 * sections 2.1 and 2.2).
 * Lives in: a worker. Pure. */
#ifndef TG_NET_PROXY_PROTOCOL_H
#define TG_NET_PROXY_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/str.h"

enum {
    TG_PROXY_PROTOCOL_LINE_MAX = 107, /* octets of a version 1 header, its CRLF included */
    TG_PROXY_PROTOCOL_MAX = 4096      /* of a version 2 header that is taken */
};

struct tg_proxy_header {
    uint32_t length;     /* octets; what follows is the client's own */
    bool has_source;     /* false: the proxy speaks for itself (LOCAL), or doesn't know (UNKNOWN,
                            UNSPEC, a local socket): the connection's own address counts */
    struct tg_ip source; /* the client's address */
};

/* Reads octets, which are all that has arrived. TG_OK: the header is whole. TG_ERR_INCOMPLETE: all
 * of it belongs to a header whose end is to come. TG_ERR_SYNTAX: it is none, told as early as that
 * can be known; TG_ERR_TOO_LARGE: it is longer than the bounds. A checksum (CRC-32C) is verified
 * when there is one; other additions (TLVs) are skipped, but must be well-formed. */
int tg_proxy_protocol_read(struct tg_str octets, struct tg_proxy_header *header);

#endif
