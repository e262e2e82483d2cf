/* SPDX-License-Identifier: MIT */
/* A connection before its 101: collects the request head, has it judged, answers.
 * Lives in: a worker. Owns: the octets of an incomplete head. RFC 6455 section 4.2. */
#ifndef TG_NET_CONN_HEAD_H
#define TG_NET_CONN_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct tg_conn;
struct tg_conn_head; /* opaque */
struct tg_server;

/* NULL when memory is short. The address is copied. */
struct tg_conn_head *tg_conn_head_create(const struct tg_server *server, struct tg_str address);

/* Accepts NULL. */
void tg_conn_head_destroy(struct tg_conn_head *head);

/* Octets of a conn in HEAD. When they complete the head, the conn is OPEN or FINISHING after it;
 * what follows the head goes to the stream. */
void tg_conn_head_receive(struct tg_conn *conn, uint8_t *octets, size_t length);

#endif
