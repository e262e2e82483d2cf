/* SPDX-License-Identifier: MIT */
/* Who the client is behind trusted proxies, by X-Forwarded-For: each proxy appends the address that
 * it was called from, so the list is read from its end, and the first address that is no trusted
 * proxy's is the client's. What stands before it was written by the client and is never looked at.
 * Lives in: a worker. Pure. */
#ifndef TG_NET_FORWARDED_H
#define TG_NET_FORWARDED_H

#include <stdint.h>

#include "base/ip.h"
#include "core/address_list.h"
#include "hub/handshake.h"

enum { TG_FORWARDED_HOPS_MAX = 32 };

/* For a peer that is a trusted proxy: the client's address to *client, which is left alone when
 * there is no such header. When all are trusted it is the first of them. A port behind an address
 * ("192.0.2.7:80", "[::1]:80") is skipped. TG_ERR_SYNTAX: a trusted proxy wrote no address;
 * TG_ERR_TOO_LARGE: it stands behind more than HOPS_MAX others. */
int tg_forwarded_find(const struct tg_header *headers, uint32_t header_count,
                      const struct tg_address_list *trusted, struct tg_ip *client);

#endif
