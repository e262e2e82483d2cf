/* SPDX-License-Identifier: MIT */
/* The one decision at the handshake, before the 101 and before any state exists: which gateway,
 * which tenant, whose claims, is there a seat.
 * Lives in: a worker. */
#ifndef TG_HUB_HANDSHAKE_H
#define TG_HUB_HANDSHAKE_H

#include <stdint.h>

#include "base/str.h"
#include "core/seats.h"
#include "hub/refusal.h"
#include "hub/trace.h"

struct tg_hub;
struct tg_gateway;
struct tg_provenance;

struct tg_header {
    struct tg_str name;  /* as sent; compare with tg_str_is_caseless */
    struct tg_str value; /* trimmed */
};

/* A well-formed WebSocket upgrade request (net has seen to RFC 6455 section 4.2.1). Views into
 * the request head. */
struct tg_handshake {
    struct tg_str path;  /* before the '?', as sent, starts with '/' */
    struct tg_str query; /* after it; empty when absent */
    const struct tg_header *headers;
    uint32_t header_count;
    struct tg_str address; /* the peer's, as text */
    bool is_secure;        /* came over TLS */
};

/* The verdict. When refusal is TG_REFUSAL_NONE the ticket holds seats and provenance is held:
 * either tg_client_open takes both over, or tg_verdict_drop gives them back. */
struct tg_verdict {
    enum tg_refusal refusal;
    uint32_t retry_after_s; /* with 503 and 429; 0: no such header */
    struct tg_gateway *gateway;
    struct tg_provenance *provenance;
    struct tg_ticket ticket;
    bool waits_for_auth;       /* the token is to come with the first message */
    struct tg_str subprotocol; /* to answer; empty: none. Belongs to the gateway or is static */
};

/* Decides. Counts refusals. */
void tg_handshake_decide(struct tg_hub *hub, const struct tg_handshake *request,
                         struct tg_verdict *verdict);

/* Gives back what an accepted verdict holds; nothing for a refused one. */
void tg_verdict_drop(struct tg_hub *hub, struct tg_verdict *verdict);

/* How many headers have the name; the first one's value goes to *value when there is one. */
uint32_t tg_handshake_find(const struct tg_handshake *request, struct tg_str name,
                           struct tg_str *value);

/* Inherits the trace that the request names, in one good traceparent, or begins a new one; several
 * are none, since nobody can say which one counts. */
void tg_handshake_begin_trace(struct tg_hub *hub, const struct tg_handshake *request,
                              struct tg_trace *trace);

#endif
