/* SPDX-License-Identifier: MIT */
/* One connection as the hub knows it, from the 101 to its end:
 *   open (-> the token) -> on_connect -> messages, one handler at a time ->
 *   close decided -> on_disconnect -> unregistered -> socket gone -> freed.
 * Lives in: a worker. Owns: its outbox, inbox and memberships. The transport's conn and the client
 * point to each other until tg_client_lost. */
#ifndef TG_HUB_CLIENT_H
#define TG_HUB_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/str.h"
#include "core/frame.h"
#include "core/seats.h"
#include "core/wheel.h"
#include "hub/close_reason.h"
#include "hub/outbox.h"
#include "hub/script.h"

struct tg_conn;
struct tg_gateway;
struct tg_hub;
struct tg_inbox;
struct tg_membership;
struct tg_overruns;
struct tg_provenance;
struct tg_scope;
struct tg_verdict;

enum tg_client_phase {
    TG_CLIENT_AUTHENTICATING, /* its first message has to bear a token (hub/first_message.h) */
    TG_CLIENT_CONNECTING,     /* on_connect runs; what the peer sends waits */
    TG_CLIENT_OPEN,
    TG_CLIENT_CLOSING, /* the end is decided: no frame is queued or read any more */
    TG_CLIENT_LEAVING, /* on_disconnect runs */
    TG_CLIENT_ENDED    /* unregistered; waits for its socket */
};

enum { TG_CLIENT_ID_BYTES = 40 };

struct tg_client {
    struct tg_hub *hub;
    struct tg_gateway *gateway;
    struct tg_provenance *provenance;
    struct tg_ticket ticket; /* its seats */
    struct tg_conn *conn;    /* NULL once the socket is gone */
    struct tg_scope *scope;
    uint32_t scope_index; /* among the scope's members */
    uint32_t slot;
    uint64_t serial;
    uint8_t phase;       /* enum tg_client_phase */
    uint8_t cause;       /* enum tg_close_reason, from CLOSING on */
    bool is_busy;        /* a call runs or is suspended */
    bool is_paused;      /* we asked the transport not to read */
    bool is_blocked;     /* the kernel refuses its octets */
    bool has_close_wish; /* its own handler asked for a close, to come after the answer */
    bool has_left;       /* on_disconnect has ended */
    uint16_t wish_code;
    uint32_t seat;     /* the script's: among those of a generation's tally */
    char *wish_reason; /* NULL: empty */
    struct tg_outbox outbox;
    struct tg_inbox *inbox;       /* messages that wait for the running call; NULL: none */
    struct tg_overruns *overruns; /* NULL: none yet */
    char *request_id;             /* raw JSON of a suspended request's id; NULL: none */
    struct tg_membership *rooms;
    uint16_t room_count, room_capacity;
    uint64_t message_bytes; /* of one that comes in: as it was at the handshake */
    uint64_t last_seen_ms;
    uint64_t next_ping_ms;
    uint64_t blocked_since_ms;
    uint64_t auth_due_ms;        /* AUTHENTICATING: when it is too late */
    uint64_t refresh_full_at_ms; /* hub/refresh.c */
    struct tg_timer timer; /* the nearest of ping, idle, write and auth deadline, token expiry */
    struct tg_link ending; /* in hub->ending */
    int64_t handle; /* the script's; 0: none. In which state it is, and its own address there: */
    void *holder, *object;
};

/* --- what the transport tells --- */

/* After the 101: registers, takes seat and provenance over, runs on_connect unless the token is yet
 * to come. NULL without memory: the verdict is dropped, the transport has to end the connection. */
struct tg_client *tg_client_open(struct tg_hub *hub, struct tg_verdict *verdict,
                                 struct tg_conn *conn);

/* A whole message; text is valid UTF-8. The octets are the caller's. */
void tg_client_receive(struct tg_client *client, enum tg_opcode opcode, struct tg_str message);

/* A ping arrived: the pong is queued in order (RFC 6455 section 5.5.3). */
void tg_client_ping(struct tg_client *client, struct tg_str payload);

/* Any frame arrived; a valid close frame (code 0: it had none). */
void tg_client_touch(struct tg_client *client);
void tg_client_peer_close(struct tg_client *client, int code);

/* The peer broke a rule: PROTOCOL_ERROR, INVALID_UTF8, TOO_BIG, TOO_FRAGMENTED, NO_MEMORY. */
void tg_client_fault(struct tg_client *client, enum tg_close_reason reason);

/* The kernel refuses octets (true), or has taken all that flew (false). */
void tg_client_blocked(struct tg_client *client, bool is_blocked);

/* The socket is gone; the transport forgets the client with this call. */
void tg_client_lost(struct tg_client *client);

/* --- what the script tells --- */

/* A suspended call has ended. */
void tg_client_resume_done(struct tg_client *client, const struct tg_answer *answer);

/* --- what the hub itself asks --- */

/* The token has come, the provenance has it: enters the tenant's scope, runs on_connect. */
void tg_client_admit(struct tg_client *client);

/* A handler of the client's has ended and its answer is queued: closes now if the handler asked
 * for it. */
void tg_client_grant_wish(struct tg_client *client);

/* One step of a decided end, at the end of a turn: starts on_disconnect, or, when that has ended,
 * unregisters and perhaps frees. */
void tg_client_step_end(struct tg_client *client);

/* Frees a client without a word to scripts, when the whole hub goes. Its socket must be gone. */
void tg_client_discard(struct tg_client *client);

/* --- what either asks --- */

/* Queues a data frame, taking no reference of the caller's: it adds its own. TG_ERR_CLOSED,
 * TG_ERR_EVICTED (the queue was full: the client is being closed), TG_ERR_TOO_LARGE (larger than
 * outbound_bytes; nothing happens), TG_ERR_NOMEM (the client is being closed). */
int tg_client_send(struct tg_client *client, struct tg_frame *frame);

/* Ends the connection with this reason's code and text; the first reason stands. Messages queued
 * before go out first, except after eviction. */
void tg_client_close(struct tg_client *client, enum tg_close_reason reason);

/* The same with CLOSED_BY_GATEWAY and the author's code and reason; in its own running handler,
 * after the answer. TG_ERR_INVALID: a code that may not be sent; TG_ERR_CLOSED. */
int tg_client_close_with(struct tg_client *client, int code, struct tg_str reason);

/* The configured bounds of its outbox; whether frames may still be queued. */
struct tg_outbox_limits tg_client_outbox_limits(const struct tg_client *client);
bool tg_client_is_open(const struct tg_client *client);

/* The id, unique in the cluster, terminated. */
void tg_client_id(const struct tg_client *client, char id[TG_CLIENT_ID_BYTES]);

#endif
