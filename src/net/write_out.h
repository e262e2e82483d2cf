/* SPDX-License-Identifier: MIT */
/* The end of a loop turn: conns that were touched get their frames written, their reading switched
 * and their end run.
 * Lives in: a worker. Owns: nothing.
 * Never writes while libwebsockets holds octets that the kernel refused: it would pile up copies,
 * and lose them at its own limit. */
#ifndef TG_NET_WRITE_OUT_H
#define TG_NET_WRITE_OUT_H

#include "base/str.h"

struct tg_conn;
struct tg_server;

/* Gives octets to libwebsockets, which copies what the kernel refuses: conn->is_partial tells.
 * Must not be called while is_partial. TG_ERR_IO: the connection is broken. */
int tg_write_out_octets(struct tg_conn *conn, struct tg_str octets);

/* The kernel takes octets again. */
void tg_write_out_drained(struct tg_conn *conn);

/* Goes over the dirty list until it is empty. Not from within a callback of libwebsockets. */
void tg_write_out_flush(struct tg_server *server);

/* Turns reading off or on, as the conn's state asks. TG_ERR_IO: it has to be cut. */
int tg_write_out_switch_reading(struct tg_conn *conn);

#endif
