/* SPDX-License-Identifier: MIT */
/* What a token says (RFC 7519 section 4.1), its types judged; whether that is good now and here is
 * for the caller. Immutable and counted.
 * Lives in: a worker. Owns: one block of memory with all its texts. */
#ifndef TG_JOSE_CLAIMS_H
#define TG_JOSE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
    TG_CLAIMS_NAME_MAX = 128,    /* octets of sub, jti and tenant */
    TG_CLAIMS_AUDIENCES_MAX = 64 /* texts of an aud */
};

struct tg_claims_time {
    bool is_set;
    uint64_t ms; /* wall clock, a whole second */
};

struct tg_claims {
    uint32_t refs;
    uint32_t audience_count;
    size_t bytes;          /* of the whole block */
    const char *json;      /* all of them as compact JSON, an object */
    const char *issuer;    /* iss; NULL: none, as the next ones */
    const char *subject;   /* sub */
    const char *id;        /* jti */
    const char *tenant;    /* the claim that names the tenant, any text */
    const char *audiences; /* aud: so many terminated texts, one behind the other */
    struct tg_claims_time expires;
    struct tg_claims_time not_before;
    struct tg_claims_time issued;
};

/* Reads a payload. The caller holds the one reference. TG_ERR_DENIED with *why, a static word for
 * the log: "payload" (no JSON object, a name twice) or the claim whose type is wrong: exp, nbf, iat
 * whole seconds up to the year 9999; iss, sub, jti, tenant_claim texts; aud a text or a list of
 * them. TG_ERR_NOMEM. */
int tg_claims_create(struct tg_str payload, const char *tenant_claim, struct tg_claims **claims,
                     const char **why);

struct tg_claims *tg_claims_ref(struct tg_claims *claims);

/* Accepts NULL. Wipes with the last reference. */
void tg_claims_unref(struct tg_claims *claims);

/* aud is the text, or has it in its list (RFC 7519 section 4.1.3). */
bool tg_claims_has_audience(const struct tg_claims *claims, struct tg_str wanted);

#endif
