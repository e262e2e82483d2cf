/* SPDX-License-Identifier: MIT */
/* The certificates of a server: each has a vhost of its own, whose context OpenSSL's handshakes
 * begin with. Listeners with the same files share both.
 * Lives in: a worker. Owns: the tg_tls; libwebsockets' context owns the vhosts. */
#ifndef TG_NET_CERTIFICATES_H
#define TG_NET_CERTIFICATES_H

#include <stdbool.h>

#include "base/err.h"
#include "core/config.h"

struct lws_context_creation_info; /* libwebsockets */
struct tg_server;

/* Whether any listener has one. */
bool tg_certificates_are_wanted(const struct tg_config *config);

/* Gives each door its vhost: that of its certificate, or the context's own where it has none. info
 * is what the context was made of. TG_ERR_* with a message that names listener and file. */
int tg_certificates_load(struct tg_server *server, const struct lws_context_creation_info *info,
                         struct tg_errmsg *msg);

/* Reads them all again; what is no good pair is logged as an error, and the one before stays. */
void tg_certificates_reload(struct tg_server *server);

/* Frees them, when no connection is left. */
void tg_certificates_fini(struct tg_server *server);

#endif
