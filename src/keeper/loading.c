/* SPDX-License-Identifier: MIT */
/* The child sends the text in pieces, each behind an octet that says so, or one failure: the error
 * and its message. */
#include "keeper/loading.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "core/errand.h"

enum {
    CPU_SECONDS = 5,
    MEMORY_BYTES = 1 << 30,
    SPARE_MS = 1000, /* of the child's deadline, beyond that of what it does */
    PIECE_BYTES = TG_ERRAND_RECORD_MAX - 1
};

static const char RECORD_PIECE = 'p';
static const char RECORD_FAILURE = 'f';

struct tg_loading {
    const struct tg_source *source;
    struct tg_errand *errand;
    struct tg_buf text;
    bool has_failed; /* the child told why */
};

/* --- in the child --- */

static int send_failure(int home, int err, const struct tg_errmsg *msg)
{
    char record[1 + sizeof(err) + TG_ERRMSG_BYTES];
    size_t length = strlen(msg->text);

    record[0] = RECORD_FAILURE;
    memcpy(record + 1, &err, sizeof(err));
    memcpy(record + 1 + sizeof(err), msg->text, length);
    return tg_errand_send(home, tg_str(record, 1 + sizeof(err) + length)) == TG_OK ? 0 : 1;
}

static int send_text(int home, struct tg_str text)
{
    char record[TG_ERRAND_RECORD_MAX];

    record[0] = RECORD_PIECE;
    for (size_t at = 0; at < text.length; at += PIECE_BYTES) {
        size_t rest = text.length - at;
        size_t length = rest < PIECE_BYTES ? rest : PIECE_BYTES;
        memcpy(record + 1, text.at + at, length);
        if (tg_errand_send(home, tg_str(record, 1 + length)) != TG_OK) {
            return 1;
        }
    }
    return 0;
}

static int run(void *self, int home)
{
    const struct tg_loading *loading = self;
    struct tg_errmsg msg = {0};
    struct tg_buf text;

    tg_buf_init(&text, tg_document_capacity(loading->source->document));
    int err = tg_source_read(loading->source, &text, &msg);
    int status = err ? send_failure(home, err, &msg) : send_text(home, tg_buf_str(&text));
    tg_buf_fini(&text);
    return status;
}

/* --- in the parent --- */

static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct tg_loading *loading = self;
    int err = 0;

    if (record.length > 0 && record.at[0] == RECORD_PIECE) {
        tg_buf_add(&loading->text, record.at + 1, record.length - 1);
        return loading->text.err
                   ? tg_errmsg_set(msg, loading->text.err, "%s", tg_err_text(loading->text.err))
                   : TG_OK;
    }
    if (record.length < 1 + sizeof(err) || record.at[0] != RECORD_FAILURE) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "a record makes no sense");
    }
    memcpy(&err, record.at + 1, sizeof(err));
    loading->has_failed = true;
    return tg_errmsg_set(msg, err < 0 ? err : TG_ERR_SCRIPT, "%.*s",
                         (int)(record.length - 1 - sizeof(err)), record.at + 1 + sizeof(err));
}

struct tg_loading *tg_loading_start(const struct tg_source *source, struct tg_errmsg *msg)
{
    struct tg_loading *loading = calloc(1, sizeof(*loading));

    if (!loading) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
        return NULL;
    }
    loading->source = source;
    tg_buf_init(&loading->text, tg_document_capacity(source->document));
    struct tg_errand_options options = {
        .cpu_seconds = CPU_SECONDS,
        .memory_bytes = MEMORY_BYTES,
        .deadline_ms = source->deadline_ms + SPARE_MS,
        .run = run,
        .on_record = on_record,
        .self = loading,
    };
    if (tg_errand_start(&options, &loading->errand, msg) != TG_OK) {
        free(loading);
        return NULL;
    }
    return loading;
}

int tg_loading_fd(const struct tg_loading *loading)
{
    return tg_errand_fd(loading->errand);
}

uint64_t tg_loading_due_ms(const struct tg_loading *loading)
{
    return tg_errand_due_ms(loading->errand);
}

int tg_loading_step(struct tg_loading *loading, struct tg_str *text, struct tg_errmsg *msg)
{
    int err = tg_errand_step(loading->errand, msg);

    if (err == TG_OK) {
        *text = tg_buf_str(&loading->text);
    } else if (err != TG_ERR_INCOMPLETE && !loading->has_failed && loading->source->path) {
        /* What became of the child doesn't name the file. */
        (void)tg_errmsg_wrap(msg, err, "%s", loading->source->path);
    }
    return err;
}

void tg_loading_end(struct tg_loading *loading)
{
    if (loading) {
        tg_errand_end(loading->errand);
        tg_buf_fini(&loading->text);
        free(loading);
    }
}

int tg_loading_run(const struct tg_source *source, struct tg_loading **loading, struct tg_str *text,
                   struct tg_errmsg *msg)
{
    int err;

    *loading = tg_loading_start(source, msg);
    if (!*loading) {
        return TG_ERR_UNAVAILABLE;
    }
    do {
        struct pollfd child = {.fd = tg_loading_fd(*loading), .events = POLLIN};
        uint64_t now = tg_clock_mono_ms(tg_clock_system());
        uint64_t due = tg_loading_due_ms(*loading);
        (void)poll(&child, 1, due > now ? (int)(due - now) : 0);
        err = tg_loading_step(*loading, text, msg);
    } while (err == TG_ERR_INCOMPLETE);
    return err;
}
