/* SPDX-License-Identifier: MIT */
/* One connection in memory: the server's side, which fills hub/transport.h, and the far end that a
 * spec drives. It keeps the rhythm of net: what the far end writes is read in shares, what the hub
 * queues leaves at the end of the turn.
 *   OPEN -> FINISHING -> (all is written, the far end has read it) ended
 * Lives in: the test kit. Owns: itself, until tg_line_destroy. Borrows: worker, client. */
#ifndef TG_KIT_LINE_H
#define TG_KIT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "core/wheel.h"
#include "hub/client.h"
#include "hub/transport.h"
#include "kit/far_end.h"
#include "net/ws_frame.h"

struct tg_sim_worker; /* kit/sim_worker.h */
struct tg_verdict;    /* hub/handshake.h */

enum tg_line_phase { TG_LINE_OPEN, TG_LINE_FINISHING, TG_LINE_ENDED };

/* What the hub calls a conn. */
struct tg_conn {
    struct tg_sim_worker *worker; /* NULL: the connection has ended */
    struct tg_client *client;     /* NULL once it has ended */
    struct tg_far_end far;
    struct tg_link readable; /* in the worker's readable */
    struct tg_link dirty;    /* in the worker's dirty */
    struct tg_timer deadline;
    struct tg_ws_reader reader;
    struct tg_buf refused; /* octets that fly: the far end does not read */
    char id[TG_CLIENT_ID_BYTES];
    uint32_t number;     /* among the app's lines */
    uint32_t slot;       /* of its worker */
    uint8_t phase;       /* enum tg_line_phase */
    uint8_t cause;       /* enum tg_close_reason, once is_decided */
    bool is_decided;     /* that it ends */
    bool is_worker_lost; /* its worker died under it */
    bool is_paused;      /* the hub takes no messages */
    bool is_aborting;    /* to be cut at the end of the turn */
    bool is_stalled;     /* the far end reads nothing */
    bool is_blocked;     /* refused holds octets */
};

/* Static. */
const struct tg_transport *tg_line_transport(void);

/* The 101 has been said: opens the client, whose on_connect runs, and takes the verdict over. NULL
 * when memory is short; the verdict is dropped then. */
struct tg_conn *tg_line_open(struct tg_sim_worker *worker, struct tg_verdict *verdict);

/* Frees a line that has ended, or whose hub is gone. Accepts NULL. */
void tg_line_destroy(struct tg_conn *line);

/* The far end has written: the server reads it in its turn. */
void tg_line_wrote(struct tg_conn *line);

/* The far end stops reading, or goes on. */
void tg_line_stall(struct tg_conn *line, bool is_stalled);

/* Cuts the line, as when a peer vanishes. */
void tg_line_cut(struct tg_conn *line);

/* Its worker has died: the line is gone, nobody is told. */
void tg_line_lose(struct tg_conn *line);

/* Fills the client's outbound queue to the last place with pongs. TG_ERR_CLOSED, TG_ERR_NOMEM. */
int tg_line_fill(struct tg_conn *line);

/* A turn's share of what the far end has written is handed to the hub. */
void tg_line_read(struct tg_conn *line);

/* Writes what is queued; ends what has to end. */
void tg_line_flush(struct tg_conn *line);

/* Whether the server has decided its end, or it is gone; then cause is set. */
bool tg_line_is_ending(struct tg_conn *line);

#endif
