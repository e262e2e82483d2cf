/* SPDX-License-Identifier: MIT */
/* Which Host header a server on a loopback address may believe. A page in a browser can point a
 * name of its own at 127.0.0.1 and then read what that server answers (DNS rebinding); what it
 * can't do is make the browser send another Host than that name.
 * Lives in: the admin process. Pure. */
#ifndef TG_NET_ADMIN_HOST_H
#define TG_NET_ADMIN_HOST_H

#include <stdbool.h>

#include "base/str.h"

/* Empty, "localhost", an IPv4 literal or an IPv6 literal in brackets; each but the empty one with
 * or without a port (RFC 9110 section 7.2). */
bool tg_admin_host_is_literal(struct tg_str host);

#endif
