/* SPDX-License-Identifier: MIT */
#include "admin/admin.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/exposition.h"
#include "admin/readiness.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "net/admin_http.h"

static const char LOG_MODULE[] = "admin";

/* libwebsockets makes tables by the descriptor limit: a small one will do for 64 connections. */
enum { DESCRIPTORS = 256, TEARDOWN_STEPS_MAX = 4096 };

static const char plain_text[] = "text/plain; charset=utf-8";

struct admin {
    const struct tg_page *page;
    const struct tg_document_store *documents;
    struct tg_loop *loop;
    struct tg_admin_http *http;
    pid_t supervisor;
};

static void answer_text(struct tg_admin_answer *answer, int status, const char *text)
{
    answer->status = status;
    answer->content_type = plain_text;
    tg_buf_clear(answer->body);
    tg_buf_add_str(answer->body, tg_str_of(text));
    tg_buf_add_char(answer->body, '\n');
}

static void answer_livez(const struct admin *admin, struct tg_admin_answer *answer)
{
    bool is_orphan = getppid() != admin->supervisor;

    answer_text(answer, is_orphan ? 503 : 200, is_orphan ? "the supervisor is gone" : "live");
}

static void answer_readyz(const struct admin *admin, struct tg_admin_answer *answer)
{
    char text[TG_READINESS_TEXT_BYTES];
    bool is_ready = tg_readiness_judge(admin->page, tg_clock_mono_ms(tg_clock_system()), text);

    answer_text(answer, is_ready ? 200 : 503, text);
}

static void answer_metrics(const struct admin *admin, struct tg_admin_answer *answer)
{
    answer->status = 200;
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    tg_buf_clear(answer->body);
    tg_exposition_write(answer->body, admin->page, admin->documents);
}

/* A request has come; method is GET or HEAD. */
static void on_request(void *self, struct tg_str method, struct tg_str path,
                       struct tg_admin_answer *answer)
{
    const struct admin *admin = self;

    (void)method;
    if (tg_str_is(path, TG_STR("/livez"))) {
        answer_livez(admin, answer);
    } else if (tg_str_is(path, TG_STR("/readyz"))) {
        answer_readyz(admin, answer);
    } else if (tg_str_is(path, TG_STR("/metrics"))) {
        answer_metrics(admin, answer);
    } else {
        answer_text(answer, 404, "not found");
    }
}

/* The supervisor leaves, and wants this process to go first. */
static void on_terminate(void *self, int number)
{
    struct admin *admin = self;

    (void)number;
    /* Otherwise it came from who signals the whole group: /readyz has to answer while workers
     * drain. */
    if (atomic_load(&admin->page->is_leaving)) {
        tg_loop_stop(admin->loop);
    }
}

static void lower_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS) {
        limit.rlim_cur = DESCRIPTORS;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int serve(struct admin *admin, int listener, struct tg_errmsg *msg)
{
    admin->http = tg_admin_http_create(admin->loop, listener, on_request, admin, msg);
    if (!admin->http) {
        return TG_ERR_IO;
    }
    int err = tg_loop_on_signal(admin->loop, SIGTERM, on_terminate, admin);
    if (err) {
        (void)tg_errmsg_set(msg, err, "SIGTERM can't be watched");
    } else {
        tg_loop_run(admin->loop);
    }
    tg_admin_http_destroy(admin->http);
    for (int i = 0; i < TEARDOWN_STEPS_MAX && tg_loop_step(admin->loop); i++) {
    }
    return err;
}

int tg_admin_run(const struct tg_admin_options *options)
{
    struct admin admin = {
        .page = options->page, .documents = options->documents, .supervisor = getppid()};
    struct tg_errmsg msg = {0};
    char quoted[TG_ERRMSG_BYTES * 2];

    (void)prctl(PR_SET_NAME, "tidegate-admin");
    lower_descriptor_limit();
    admin.loop = tg_loop_create();
    int err = admin.loop ? serve(&admin, options->listener, &msg)
                         : tg_errmsg_set(&msg, TG_ERR_IO, "the event loop can't be made");
    tg_loop_destroy(admin.loop);
    if (err) {
        TG_LOG_ERROR("admin process can't start", "reason=%s",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
        return 1;
    }
    return 0;
}
