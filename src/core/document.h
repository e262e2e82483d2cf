/* SPDX-License-Identifier: MIT */
/* Texts that change while the server runs and that every worker must have: the key set, the
 * tenants, the revocations. One process writes them, all others take copies.
 * Lives in: every process; made by the supervisor before it spawns, inherited over fork.
 *
 * Each document has two places in shared memory. The writer fills the one that nobody is sent to
 * and then says the new version, so a writer that dies in the middle leaves the last whole version
 * for all to read, and its successor begins anew. A reader copies without a lock, and copies again
 * when the place was written meanwhile, which takes two publications during one copy. */
#ifndef TG_CORE_DOCUMENT_H
#define TG_CORE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum tg_document {
    TG_DOCUMENT_JWKS,        /* the JSON text of the set (RFC 7517 section 5) */
    TG_DOCUMENT_TENANTS,     /* lines: id TAB active|suspended TAB display name LF */
    TG_DOCUMENT_REVOCATIONS, /* lines: jti|sub|tenant BLANK value LF */
    TG_DOCUMENT_COUNT
};

/* The largest text; pages that are never written cost no memory. */
enum {
    TG_DOCUMENT_JWKS_MAX = 256 << 10,
    TG_DOCUMENT_TENANTS_MAX = 16 << 20,
    TG_DOCUMENT_REVOCATIONS_MAX = 16 << 20
};

struct tg_document_store; /* opaque */

/* What /metrics shows of a document. */
struct tg_document_state {
    uint64_t version;    /* 0: nothing was ever published */
    uint64_t read_at_ms; /* wall clock: when its source was last read without fault; 0: never */
    uint64_t failures;   /* readings of the source that failed */
    bool is_kept;        /* it has a source */
};

/* Empty documents, mapped shared and anonymous. NULL when the kernel refuses. */
struct tg_document_store *tg_document_create(void);

/* Unmaps. Accepts NULL. */
void tg_document_destroy(struct tg_document_store *store);

/* "jwks", "tenants" or "revocations": metric label and log key. */
const char *tg_document_name(enum tg_document which);

/* The largest text that fits. */
size_t tg_document_capacity(enum tg_document which);

/* The writer says that the document has a source, before anybody else has the store. */
void tg_document_keep(struct tg_document_store *store, enum tg_document which);

/* The writer alone: makes text the next version, unless it is what the last one holds (then
 * nothing changes). TG_ERR_TOO_LARGE with nothing changed. */
int tg_document_publish(struct tg_document_store *store, enum tg_document which,
                        struct tg_str text);

/* The writer alone: the source was read without fault at that time, or could not be. */
void tg_document_note_read(struct tg_document_store *store, enum tg_document which,
                           uint64_t wall_ms);
void tg_document_note_failure(struct tg_document_store *store, enum tg_document which);

/* Costs two loads: for who looks often. */
uint64_t tg_document_version(const struct tg_document_store *store, enum tg_document which);

/* Copies the last whole version to the cleared out and says which it is (0 and empty: none yet).
 * TG_ERR_NOMEM, TG_ERR_TOO_LARGE (out's own limit), or TG_ERR_UNAVAILABLE when the writer was
 * faster than several copies: to be tried again later. */
int tg_document_read(const struct tg_document_store *store, enum tg_document which,
                     struct tg_buf *out, uint64_t *version);

void tg_document_state(const struct tg_document_store *store, enum tg_document which,
                       struct tg_document_state *state);

#endif
