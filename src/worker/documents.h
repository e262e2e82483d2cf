/* SPDX-License-Identifier: MIT */
/* Brings what the keeper has published (core/document.h) into this worker's hub.
 * Lives in: a worker. Borrows: the hub, the store. */
#ifndef TG_WORKER_DOCUMENTS_H
#define TG_WORKER_DOCUMENTS_H

#include "base/buf.h"
#include "base/log.h"
#include "core/document.h"
#include "core/wheel.h"
#include "hub/hub.h"

enum { TG_DOCUMENTS_LOOK_MS = 100 };

struct tg_documents {
    struct tg_hub *hub;
    const struct tg_document_store *store; /* NULL: nothing is kept */
    uint64_t versions[TG_DOCUMENT_COUNT];  /* taken over, or refused */
    uint64_t unknown_kids;                 /* of tokens, as auth counted them at the last look */
    struct tg_timer timer;
    struct tg_buf copy;
    struct tg_log_limit refusal_log;
};

/* Takes over what has been published, looks again every TG_DOCUMENTS_LOOK_MS, and tells the keeper
 * when a token named a key that nobody has. store may be NULL: then nothing is done. */
void tg_documents_start(struct tg_documents *documents, struct tg_hub *hub,
                        const struct tg_document_store *store);

/* Accepts zeroes. */
void tg_documents_stop(struct tg_documents *documents);

/* Takes over what is new. What the hub refuses leaves what it had, and is logged. */
void tg_documents_look(struct tg_documents *documents);

#endif
