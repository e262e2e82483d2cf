/* SPDX-License-Identifier: MIT */
/* Fetches one small thing over HTTP: one GET, one answer, no redirects, TLS verified.
 * Lives in: a short-lived child that fetches. It blocks; name resolution can't be given a deadline,
 * so whoever starts the child ends it. */
#ifndef TG_NET_HTTP_GET_H
#define TG_NET_HTTP_GET_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http_url.h"

struct tg_http_get_options {
    const char *ca_file; /* PEM: who vouches for the server; NULL: the system's */
    uint32_t deadline_ms;
};

/* Appends the body of a 200 to body, whose limit bounds it. Else a message that says what came:
 * TG_ERR_UNAVAILABLE (no such host, nobody there, another status), TG_ERR_DENIED (the certificate
 * is not vouched for, or another host's), TG_ERR_TIMEOUT, TG_ERR_IO, TG_ERR_SYNTAX,
 * TG_ERR_TOO_LARGE, TG_ERR_NOMEM. */
int tg_http_get(const struct tg_http_url *url, const struct tg_http_get_options *options,
                struct tg_buf *body, struct tg_errmsg *msg);

#endif
