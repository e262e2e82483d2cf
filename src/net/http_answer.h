/* SPDX-License-Identifier: MIT */
/* The complete HTTP/1.1 answer of a refused handshake (RFC 9110 section 15, RFC 6455 section
 * 4.2.2). The connection ends after it.
 * Lives in: a worker. Pure. */
#ifndef TG_NET_HTTP_ANSWER_H
#define TG_NET_HTTP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "hub/refusal.h"

enum { TG_HTTP_ANSWER_MAX = 512 };

/* Writes the answer and returns its length. refusal is not TG_REFUSAL_NONE; retry_after_s 0: no
 * Retry-After. wall_ms: now, since the Unix epoch. */
size_t tg_http_answer_write(enum tg_refusal refusal, uint32_t retry_after_s, uint64_t wall_ms,
                            char answer[TG_HTTP_ANSWER_MAX]);

#endif
