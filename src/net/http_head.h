/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1.1 request, read strictly (RFC 9112 sections 2 to 5): CRLF line ends alone,
 * no control octets, no folded lines, no blank before a colon, origin-form targets. What two
 * parsers could read differently is refused.
 * Lives in: a worker. Pure: the octets are the caller's, the scan only remembers where it is. */
#ifndef TG_NET_HTTP_HEAD_H
#define TG_NET_HTTP_HEAD_H

#include <stdint.h>

#include "base/str.h"
#include "hub/handshake.h"
#include "hub/refusal.h"

enum {
    TG_HTTP_TARGET_MAX = 8192, /* octets of a request target */
    TG_HTTP_METHOD_MAX = 32    /* octets in which the first blank must come */
};

struct tg_http_head_limits {
    uint32_t bytes;  /* of the whole head, its empty line included */
    uint32_t fields; /* header fields */
};

/* A scan over a head that arrives in pieces. Zero-initialised is the start. */
struct tg_http_head {
    uint32_t length; /* octets scanned; when COMPLETE those of the head */
    uint32_t fields;
    uint32_t target_end; /* offset of the blank after the target */
    uint8_t part;        /* inside http_head.c */
    uint8_t step;        /* octets of a fixed text matched */
    uint8_t refusal;     /* enum tg_refusal, when REFUSED */
    bool is_other_version;
};

enum tg_http_head_result { TG_HTTP_HEAD_INCOMPLETE, TG_HTTP_HEAD_COMPLETE, TG_HTTP_HEAD_REFUSED };

/* Goes on where it stopped. octets holds everything that has arrived, from the first octet on, so
 * a head that comes octet by octet costs no more than one that comes whole. REFUSED as soon as the
 * octets can't be the start of a head that is taken: MALFORMED, BAD_METHOD, BAD_HTTP_VERSION,
 * URI_TOO_LONG, HEAD_TOO_LARGE. Not to be called again after COMPLETE or REFUSED. */
enum tg_http_head_result tg_http_head_scan(struct tg_http_head *head, struct tg_str octets,
                                           const struct tg_http_head_limits *limits);

/* After COMPLETE: the request target and head->fields header fields, views into octets, which are
 * those of the scan. headers has room for limits->fields. */
void tg_http_head_read(const struct tg_http_head *head, struct tg_str octets, struct tg_str *target,
                       struct tg_header *headers);

#endif
