/* SPDX-License-Identifier: MIT */
/* Where a request bears its token: an Authorization header, a cookie, a subprotocol or the query,
 * in this order and each only when auth.sources names it. The first one found is the token: when
 * it is bad, the others are no way in.
 * Lives in: a worker. */
#ifndef TG_HUB_CREDENTIALS_H
#define TG_HUB_CREDENTIALS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "core/config.h"

struct tg_handshake; /* hub/handshake.h */

/* What tg_credentials_find found. Views of the request or of its own memory. */
struct tg_credentials {
    struct tg_str token; /* .at NULL: the request bears none */
    struct tg_str query; /* the request's, without access_token, whatever the sources are */
    char *memory;        /* NULL: none was needed */
    size_t memory_bytes;
};

/* 0; TG_ERR_DENIED with *why, a static word for the log: it bears a credential that can't be a
 * token (another scheme than Bearer, two Authorization headers, the cookie twice); TG_ERR_NOMEM.
 * Whatever is returned, tg_credentials_fini ends it.
 *   header       Authorization: Bearer TOKEN (RFC 6750 section 2.1), exactly one header
 *   cookie       the one called auth.cookie (RFC 6265 section 4.2.1), exactly once
 *   subprotocol  bearer.TOKEN among the offered ones, exactly once; where that source is off it is
 *                denied all the same: who names a token there must not become anonymous unawares
 *   query        access_token=TOKEN (RFC 6750 section 2.3), percent-decoded, exactly once */
int tg_credentials_find(const struct tg_config *config, const struct tg_handshake *request,
                        struct tg_credentials *found, const char **why);

/* Wipes and frees. Accepts zeroes. */
void tg_credentials_fini(struct tg_credentials *credentials);

/* An offered subprotocol that is a token: it is never answered. */
bool tg_credentials_is_subprotocol(struct tg_str offered);

#endif
