/* SPDX-License-Identifier: MIT */
/* What an open connection's peer sends: octets in, calls to the hub out. While the hub has paused
 * the conn, the rest of the read in which that happened is kept, and nothing more is read.
 * Lives in: a worker. Owns: that rest, and the reader's memory. */
#ifndef TG_NET_CONN_STREAM_H
#define TG_NET_CONN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tg_conn;

/* Octets of a conn in OPEN; they are written over. */
void tg_conn_stream_receive(struct tg_conn *conn, uint8_t *octets, size_t length);

/* Hands over the rest, as far as the hub takes it. Nothing when there is none or while the conn
 * is paused. */
void tg_conn_stream_resume(struct tg_conn *conn);

/* Frees all that was read: nothing is handed over any more. */
void tg_conn_stream_fini(struct tg_conn *conn);

/* Whether octets wait that would be handed over now. */
bool tg_conn_stream_can_resume(const struct tg_conn *conn);

#endif
