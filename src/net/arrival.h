/* SPDX-License-Identifier: MIT */
/* An accepted socket on its way to libwebsockets. Peers named in proxy_protocol bring a PROXY
 * header first, which is read and taken off before anything else, TLS included; nobody else's
 * octets are ever taken for one. Lives in: a worker. Owns: the sockets that wait for their header.
 */
#ifndef TG_NET_ARRIVAL_H
#define TG_NET_ARRIVAL_H

#include "base/str.h"

struct tg_door;
struct tg_server;

/* Takes over fd, accepted at the door from the peer with this address. */
void tg_arrival_begin(struct tg_door *door, int fd, struct tg_str address);

/* Closes those whose header has not come. */
void tg_arrival_cut_all(struct tg_server *server);

#endif
