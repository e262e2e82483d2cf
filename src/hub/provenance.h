/* SPDX-License-Identifier: MIT */
/* What a connection is, decided once at the handshake: trace, tenant, claims, and where it came
 * from. Counted, so that handles may outlive the socket, and immutable once the client
 * has been admitted, but for the token.
 * Lives in: a worker. Owns: one block of memory with all its texts, and the token. */
#ifndef TG_HUB_PROVENANCE_H
#define TG_HUB_PROVENANCE_H

#include <stdint.h>

#include "base/str.h"
#include "hub/auth.h"
#include "hub/gateway.h"
#include "hub/tenant.h"
#include "hub/trace.h"

struct tg_provenance_param {
    const char *name;
    const char *value;
};

struct tg_provenance {
    uint32_t refs;
    uint32_t param_count;
    struct tg_trace trace;
    const char *tenant;   /* tenant_text, or NULL: none */
    uint32_t tenant_rank; /* while the token is still to come: hub/tenant_source.h */
    char tenant_text[TG_TENANT_MAX + 1];
    struct tg_token token; /* zeroes: anonymous; a refresh puts another in its place */
    const char *path;
    const char *query; /* without credentials, still encoded; "" when absent */
    const char *address;
    uint64_t connected_at_ms; /* wall clock */
    struct tg_provenance_param params[TG_GATEWAY_PARAMS_MAX];
};

/* The parts; views are copied. */
struct tg_provenance_parts {
    const struct tg_trace *trace;
    struct tg_str tenant; /* .at NULL: none; at most TG_TENANT_MAX octets */
    uint32_t tenant_rank;
    struct tg_token *token; /* taken over, leaving zeroes; NULL: anonymous */
    struct tg_str path;
    struct tg_str query;
    struct tg_str address;
    uint64_t connected_at_ms;
    const struct tg_param *params;
    uint32_t param_count;
};

/* The caller holds the one reference. NULL when memory is short; the token is the caller's then. */
struct tg_provenance *tg_provenance_create(const struct tg_provenance_parts *parts);
struct tg_provenance *tg_provenance_ref(struct tg_provenance *provenance);

/* Puts the token, leaving zeroes, in the place of the one before. */
void tg_provenance_set_token(struct tg_provenance *provenance, struct tg_token *token);

/* At most TG_TENANT_MAX octets that aren't its own; .at NULL: none. */
void tg_provenance_set_tenant(struct tg_provenance *provenance, struct tg_str tenant);

/* Accepts NULL. */
void tg_provenance_unref(struct tg_provenance *provenance);

#endif
