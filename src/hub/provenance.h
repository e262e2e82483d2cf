/* SPDX-License-Identifier: MIT */
/* What a connection is, decided once at the handshake: trace, tenant, claims, and where it came
 * from. Immutable and counted, so that handles may outlive the socket.
 * Lives in: a worker. Owns: one block of memory with all its texts. */
#ifndef TG_HUB_PROVENANCE_H
#define TG_HUB_PROVENANCE_H

#include <stdint.h>

#include "base/str.h"
#include "hub/gateway.h"
#include "hub/trace.h"

struct tg_provenance_param {
    const char *name;
    const char *value;
};

struct tg_provenance {
    uint32_t refs;
    uint32_t param_count;
    struct tg_trace trace;
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
    const struct tg_trace *trace;
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

#endif
