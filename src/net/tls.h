/* SPDX-License-Identifier: MIT */
/* TLS: the certificate and key of a listener, the rules of its handshakes, the end of a connection.
 * TLS 1.2 and 1.3 with forward secrecy (RFC 9325 sections 3.1.1, 4.1 and 4.2), without
 * renegotiation (section 3.5), compression or resumption: workers share no secret, and a ticket of
 * one would fail at the next. Lives in: a worker; the short-lived child that checks the files
 * before the start. Owns: paths, certificate, key. Borrows: OpenSSL's objects of libwebsockets. */
#ifndef TG_NET_TLS_H
#define TG_NET_TLS_H

#include <stdbool.h>

#include "base/err.h"
#include "core/config.h"

struct lws;        /* libwebsockets */
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tg_tls;     /* opaque */

enum { TG_TLS_FILE_MAX = 1 << 20, TG_TLS_TIME_BYTES = 32 };

/* Reads both files and sees that they belong together. NULL with a message that names the file:
 * one can't be read, holds no PEM certificate or key, asks for a passphrase, or is refused by
 * OpenSSL as too weak; or the key is another certificate's. */
struct tg_tls *tg_tls_create(const struct tg_config_tls *files, struct tg_errmsg *msg);

/* Accepts NULL. No handshake may go on with it any more. */
void tg_tls_destroy(struct tg_tls *tls);

/* Reads the files again: handshakes that begin later use what they hold. TG_ERR_* with a message as
 * above when they are no good pair: what was loaded before stays. */
int tg_tls_reload(struct tg_tls *tls, struct tg_errmsg *msg);

/* Sets the rules and the certificate of a server's context, which must not outlive tls but for its
 * end. TG_ERR_UNAVAILABLE when OpenSSL refuses. */
int tg_tls_set_up(struct tg_tls *tls, struct ssl_ctx_st *context);

/* The path of the certificate. */
const char *tg_tls_name(const struct tg_tls *tls);

/* Whether the certificate is good today; its last second to out, such as 2026-11-23T16:12:05Z. */
bool tg_tls_is_in_force(const struct tg_tls *tls, char out[TG_TLS_TIME_BYTES]);

/* Whether the connection came over TLS, and whether it may speak by now: at once without TLS. */
bool tg_tls_is_on(struct lws *wsi);
bool tg_tls_is_established(struct lws *wsi);

/* Says that nothing will follow (close_notify, RFC 8446 section 6.1); without TLS nothing.
 * TG_ERR_INCOMPLETE: the kernel doesn't take it now, to be called again when the socket is
 * writable. A broken connection is told by its next read. */
int tg_tls_shut(struct lws *wsi);

#endif
