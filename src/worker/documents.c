/* SPDX-License-Identifier: MIT */
#include "worker/documents.h"

#include <inttypes.h>

#include "base/list.h"
#include "base/log.h"
#include "hub/auth.h"
#include "hub/revocations.h"
#include "hub/tenants.h"

static const char LOG_MODULE[] = "documents";

static int give(struct tg_hub *hub, enum tg_document which, struct tg_str text,
                struct tg_errmsg *msg)
{
    switch (which) {
    case TG_DOCUMENT_JWKS:
        return hub->auth ? tg_auth_set_jwks(hub->auth, text, msg) : TG_OK;
    case TG_DOCUMENT_TENANTS:
        return tg_hub_set_tenants(hub, text, msg);
    case TG_DOCUMENT_REVOCATIONS:
        return tg_hub_set_revocations(hub, text, msg);
    case TG_DOCUMENT_COUNT:
        break;
    }
    return TG_OK;
}

/* Short of memory it is tried again at the next look. The keeper has judged every text, so any
 * other refusal is a fault of ours, which the same version would bring again. */
static void take_over(struct tg_documents *documents, enum tg_document which)
{
    struct tg_errmsg msg = {0};
    uint64_t version = 0;
    uint64_t suppressed = 0;
    int err = tg_document_read(documents->store, which, &documents->copy, &version);

    if (err == TG_ERR_UNAVAILABLE) {
        return; /* it is being written again and again: the next look is soon */
    }
    err = err ? tg_errmsg_set(&msg, err, "%s", tg_err_text(err))
              : give(documents->hub, which, tg_buf_str(&documents->copy), &msg);
    if (err != TG_ERR_NOMEM) {
        documents->versions[which] = version;
    }
    if (err == TG_OK) {
        TG_LOG_DEBUG("document taken over", "document=%s version=%" PRIu64, tg_document_name(which),
                     version);
    } else if (tg_log_limit_pass(&documents->refusal_log, tg_hub_now_ms(documents->hub),
                                 &suppressed)) {
        char quoted[TG_ERRMSG_BYTES * 2];
        TG_LOG_ERROR("a published document is refused", "document=%s reason=%s suppressed=%" PRIu64,
                     tg_document_name(which),
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)), suppressed);
    }
}

void tg_documents_look(struct tg_documents *documents)
{
    bool has_copied = false;

    for (int i = 0; i < TG_DOCUMENT_COUNT; i++) {
        enum tg_document which = (enum tg_document)i;
        if (tg_document_version(documents->store, which) != documents->versions[which]) {
            take_over(documents, which);
            has_copied = true;
        }
    }
    if (has_copied) {
        tg_buf_fini(&documents->copy); /* up to 16 MiB that nobody needs before the next version */
    }
}

/* Tokens named keys that nobody has: there may be newer ones. */
static void want_keys(struct tg_documents *documents)
{
    struct tg_hub *hub = documents->hub;
    uint64_t unknown = hub->auth ? tg_auth_unknown_kids(hub->auth) : 0;

    if (unknown != documents->unknown_kids) {
        documents->unknown_kids = unknown;
        atomic_fetch_add(&hub->page->keys_wanted, 1);
    }
}

/* TG_DOCUMENTS_LOOK_MS have passed. */
static void on_look(struct tg_timer *timer)
{
    struct tg_documents *documents = TG_CONTAINER(timer, struct tg_documents, timer);
    struct tg_wheel *wheel = documents->hub->wheel;

    tg_documents_look(documents);
    want_keys(documents);
    tg_timer_set(wheel, timer, wheel->now_ms + TG_DOCUMENTS_LOOK_MS);
}

void tg_documents_start(struct tg_documents *documents, struct tg_hub *hub,
                        const struct tg_document_store *store)
{
    *documents = (struct tg_documents){.hub = hub, .store = store};
    tg_buf_init(&documents->copy, TG_DOCUMENT_TENANTS_MAX);
    tg_timer_init(&documents->timer, on_look);
    if (store) {
        on_look(&documents->timer);
    }
}

void tg_documents_stop(struct tg_documents *documents)
{
    if (documents->store) {
        tg_timer_cancel(documents->hub->wheel, &documents->timer);
        tg_buf_fini(&documents->copy);
        documents->store = NULL;
    }
}
