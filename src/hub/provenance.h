/* SPDX-License-Identifier: MIT */
/* What a connection is, decided once at the handshake: trace, tenant, claims, and where it came
 * from. Immutable and counted, so that handles may outlive the socket.
 * Lives in: a worker. Owns: one block of memory with all its texts. */
#ifndef TG_HUB_PROVENANCE_H
#define TG_HUB_PROVENANCE_H

#include <stdint.h>

#include "base/str.h"
#include "hub/gateway.h"

struct tg_provenance_param {
    const char *name;
    const char *value;
};

struct tg_provenance {
    uint32_t refs;
    uint32_t param_count;
    char trace_id[33];  /* 32 lower-case hex digits, W3C Trace Context section 3.2.2.3 */
    char span_id[17];   /* this hop's own */
    const char *tenant; /* NULL: none */
    const char *claims; /* the JSON object of the verified token; NULL: anonymous */
    const char *path;
    const char *query; /* without credentials, still encoded; "" when absent */
    const char *address;
    uint64_t connected_at_ms; /* wall clock */
    uint64_t expires_at_ms;   /* wall clock; 0: never */
    struct tg_provenance_param params[TG_GATEWAY_PARAMS_MAX];
};

/* The parts, views that are copied. tenant and claims: .at NULL means none. */
struct tg_provenance_parts {
    struct tg_str traceparent; /* as received; empty or bad: a fresh root */
    struct tg_str tenant;
    struct tg_str claims;
    struct tg_str path;
    struct tg_str query;
    struct tg_str address;
    uint64_t connected_at_ms;
    uint64_t expires_at_ms;
    const struct tg_param *params;
    uint32_t param_count;
};

/* The caller holds the one reference. NULL when memory is short. */
struct tg_provenance *tg_provenance_create(const struct tg_provenance_parts *parts);
struct tg_provenance *tg_provenance_ref(struct tg_provenance *provenance);

/* Accepts NULL. */
void tg_provenance_unref(struct tg_provenance *provenance);

/* Reads a traceparent (W3C Trace Context section 3.2): TG_OK with the 32 digits of the trace id,
 * or TG_ERR_SYNTAX: not version 00 to fe, wrong length, upper-case, ids all zero. */
int tg_traceparent_read(struct tg_str text, char trace_id[33]);

#endif
