/* SPDX-License-Identifier: MIT */
/* IP addresses as numbers, and ranges of them ("10.0.0.0/8", RFC 4632 and RFC 4291 section 2.3).
 * An IPv4 address is kept as the IPv6 address that it is mapped to (RFC 4291 section 2.5.5.2), so
 * that both texts of one peer are one address.
 * Lives in: every process. Pure. */
#ifndef TG_BASE_IP_H
#define TG_BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { TG_IP_TEXT_BYTES = 46 };

struct tg_ip {
    uint8_t octets[16]; /* in network order */
};

/* Those whose first bits are those of first. */
struct tg_ip_range {
    struct tg_ip first;
    uint8_t bits; /* 0 to 128 */
};

/* Reads "192.0.2.7", "2001:db8::7" or "::ffff:192.0.2.7". TG_ERR_SYNTAX for all else, zone ids and
 * brackets included. */
int tg_ip_read(struct tg_str text, struct tg_ip *ip);

/* From the 4 octets of an IPv4 address in network order. */
struct tg_ip tg_ip_of_v4(const uint8_t octets[4]);

bool tg_ip_is_v4(const struct tg_ip *ip);

/* The canonical text (RFC 5952), terminated; IPv4 addresses in theirs. Returns text. */
const char *tg_ip_write(const struct tg_ip *ip, char text[TG_IP_TEXT_BYTES]);

/* Reads an address, which is a range of one, or ADDRESS/BITS. TG_ERR_SYNTAX: it is neither, or has
 * bits set behind the range's own ("10.0.0.1/8"), which is never meant. */
int tg_ip_range_read(struct tg_str text, struct tg_ip_range *range);

bool tg_ip_range_has(const struct tg_ip_range *range, const struct tg_ip *ip);

#endif
