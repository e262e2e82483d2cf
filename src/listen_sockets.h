/* SPDX-License-Identifier: MIT */
/* Listening sockets: for each address one per slot, sharing the port by SO_REUSEPORT. They are
 * made before anything is forked and stay open over respawns, so that connections queued on a dead
 * worker's socket are served by the next one.
 * Lives in: the supervisor makes them, its children inherit them. Owns: the descriptors. */
#ifndef TG_LISTEN_SOCKETS_H
#define TG_LISTEN_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/config.h"
#include "core/shared_page.h"

enum { TG_LISTEN_BACKLOG = 4096, TG_LISTEN_TEXT_BYTES = TG_LISTEN_MAX * 80 };

struct tg_listen_sockets {
    struct tg_address addresses[TG_LISTEN_MAX]; /* with the ports the kernel chose */
    uint32_t address_count;
    uint32_t slot_count;
    int fds[TG_PAGE_WORKERS_MAX][TG_LISTEN_MAX]; /* -1: closed */
};

/* Probes each address without SO_REUSEPORT, since with it a second gateway would quietly get half
 * of the first one's clients; then opens the sockets, non-blocking and close-on-exec. IPv6 sockets
 * take IPv6 alone. TG_ERR_IO with a message that names the address; nothing is open then. */
int tg_listen_sockets_open(struct tg_listen_sockets *sockets, const struct tg_address *addresses,
                           uint32_t address_count, uint32_t slot_count, struct tg_errmsg *msg);

/* Closes all but those of the slot; a slot that isn't one closes all. */
void tg_listen_sockets_keep(struct tg_listen_sockets *sockets, uint32_t slot);

/* Closes all. Accepts zeroes, and twice. */
void tg_listen_sockets_fini(struct tg_listen_sockets *sockets);

/* "127.0.0.1:8080,[::1]:8080"; "off" without an address. Returns out. */
const char *tg_listen_sockets_text(const struct tg_listen_sockets *sockets,
                                   char out[TG_LISTEN_TEXT_BYTES]);

#endif
