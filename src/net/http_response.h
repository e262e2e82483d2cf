/* SPDX-License-Identifier: MIT */
/* The answer to a GET, read strictly (RFC 9112): for a peer that is trusted to say what it wants,
 * and not to say it well.
 * Lives in: a short-lived child that fetches. Pure. */
#ifndef TG_NET_HTTP_RESPONSE_H
#define TG_NET_HTTP_RESPONSE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { TG_HTTP_RESPONSE_HEAD_MAX = 16384, TG_HTTP_RESPONSE_FIELDS_MAX = 100 };

/* Reads what has come so far, all of it from the beginning. is_ended: nothing more will come, and
 * the peer said so. 0: *status is the code, body (cleared before) the decoded body, whose limit
 * bounds it. TG_ERR_INCOMPLETE: more is needed. TG_ERR_SYNTAX, TG_ERR_TOO_LARGE, TG_ERR_NOMEM with
 * a message. Interim answers (1xx) are passed over. */
int tg_http_response_read(struct tg_str octets, bool is_ended, int *status, struct tg_buf *body,
                          struct tg_errmsg *msg);

#endif
