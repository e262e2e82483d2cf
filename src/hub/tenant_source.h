/* SPDX-License-Identifier: MIT */
/* Which tenant a connection belongs to. The request may name one by a header or by a label below
 * the base domain, the token by a claim; tenants.sources says which are looked at, the first that
 * names one counts.
 * Lives in: a worker. Pure but for the registry that it asks. */
#ifndef TG_HUB_TENANT_SOURCE_H
#define TG_HUB_TENANT_SOURCE_H

#include <stdint.h>

#include "base/str.h"
#include "hub/gateway.h"
#include "hub/refusal.h"

struct tg_handshake; /* hub/handshake.h */
struct tg_hub;

/* What the request alone names. */
struct tg_tenant_named {
    struct tg_str id; /* .at NULL: nothing; a view into the request or into label */
    uint32_t rank;    /* which entry of tenants.sources it is */
    char label[64];   /* a subdomain in lower case */
};

/* Reads header and subdomain. A name that is no tenant id, and two headers: BAD_TENANT; else NONE.
 * A Host outside of the base domain, that domain itself, and one with more labels than one below it
 * name nothing. */
enum tg_refusal tg_tenant_source_read(const struct tg_hub *hub, const struct tg_handshake *request,
                                      struct tg_tenant_named *named);

/* Decides, once the token is known: claim is its tenant claim, .at NULL: none. wanted is the
 * gateway's. *tenant becomes a view into named, claim or the configuration; .at NULL: none. NONE,
 * or
 *   NO_TENANT         none is named, there is no fallback, and the gateway wants one
 *   UNKNOWN_TENANT    the one named is not in the registry, and there is no fallback
 *   TENANT_SUSPENDED  the one named is suspended; the fallback is none for it
 *   WRONG_TENANT      the claim names another one than was found, or one where none was found */
enum tg_refusal tg_tenant_source_decide(const struct tg_hub *hub, enum tg_presence wanted,
                                        const struct tg_tenant_named *named, struct tg_str claim,
                                        struct tg_str *tenant);

#endif
