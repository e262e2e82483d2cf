/* SPDX-License-Identifier: MIT */
/* One wait (poll over a signalfd and the children that read), then a look at every source:
 *
 *   it is being read     the child's records, or its end, are taken; what is whole is published
 *   a file               looked at every LOOK_MS, read when it has changed and come to rest
 *   a URL                fetched when it is due, or when workers met a key that nobody has */
#include "keeper/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/file_watch.h"
#include "keeper/loading.h"
#include "keeper/refresh.h"
#include "keeper/source.h"

static const char LOG_MODULE[] = "keeper";

enum {
    LOOK_MS = 100,
    AGAIN_MS = 10000, /* after which a file that was no good is read again, changed or not */
    FORK_MS = 1000    /* what the kernel is left in peace when it refuses a process */
};

/* A source and how far it is. */
struct kept {
    const struct tg_source *source;
    struct tg_file_watch watch; /* of a file */
    struct tg_refresh refresh;  /* of a URL */
    struct tg_loading *loading; /* NULL: nothing is being read */
    uint64_t again_ms;          /* of a file: it was no good and is due; 0: it was good */
};

struct keeper {
    const struct tg_keeper_options *options;
    struct tg_source sources[TG_DOCUMENT_COUNT];
    struct kept kept[TG_DOCUMENT_COUNT];
    uint32_t count;
    uint64_t keys_wanted; /* what the page said last */
    uint64_t looked_ms;
    int signals; /* signalfd */
    bool is_done;
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

/* --- what has been read --- */

static void tell_failure(const struct tg_source *source, const struct tg_errmsg *msg)
{
    char quoted[TG_ERRMSG_BYTES * 2];
    const char *reason = tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text));

    /* A file is the operator's to mend; what a server elsewhere does may mend itself. */
    if (source->path) {
        TG_LOG_ERROR("document can't be read, the version before stays", "document=%s reason=%s",
                     tg_document_name(source->document), reason);
    } else {
        TG_LOG_WARN("document can't be fetched, the version before stays", "document=%s reason=%s",
                    tg_document_name(source->document), reason);
    }
}

static int publish(struct tg_document_store *documents, const struct tg_source *source,
                   struct tg_str text, struct tg_errmsg *msg)
{
    uint64_t before = tg_document_version(documents, source->document);
    int err = tg_document_publish(documents, source->document, text);

    if (err) {
        return tg_errmsg_set(msg, err, "%s: %s", source->key, tg_err_text(err));
    }
    tg_document_note_read(documents, source->document, tg_clock_wall_ms(tg_clock_system()));
    uint64_t version = tg_document_version(documents, source->document);
    if (version != before) {
        TG_LOG_INFO("document published", "document=%s version=%" PRIu64 " bytes=%zu",
                    tg_document_name(source->document), version, text.length);
    }
    return TG_OK;
}

bool tg_keeper_is_needed(const struct tg_config *config)
{
    return config->auth_jwks_file || config->auth_jwks_url || config->tenant_file ||
           config->auth_revocations;
}

static int prepare_one(const struct tg_keeper_options *options, const struct tg_source *source,
                       struct tg_errmsg *msg)
{
    struct tg_loading *loading = NULL;
    struct tg_str text = {0};

    tg_document_keep(options->documents, source->document);
    int err = tg_loading_run(source, &loading, &text, msg);
    err = err ? err : publish(options->documents, source, text, msg);
    tg_loading_end(loading);
    if (err && source->path) {
        return tg_errmsg_wrap(msg, err, "%s", source->key);
    }
    if (err) {
        tg_document_note_failure(options->documents, source->document);
        tell_failure(source, msg);
    }
    return TG_OK;
}

int tg_keeper_prepare(const struct tg_keeper_options *options, struct tg_errmsg *msg)
{
    struct tg_source sources[TG_DOCUMENT_COUNT];
    uint32_t count = 0;
    int err = tg_source_list(options->config, sources, &count, msg);

    for (uint32_t i = 0; i < count && !err; i++) {
        err = prepare_one(options, &sources[i], msg);
    }
    return err;
}

/* --- the process --- */

/* A source has been read, or could not be. */
static void on_loaded(struct keeper *keeper, struct kept *kept, int err, struct tg_str text,
                      struct tg_errmsg *msg)
{
    struct tg_document_store *documents = keeper->options->documents;

    if (kept->source->path && !tg_file_watch_settle(&kept->watch)) {
        return; /* it changed meanwhile, and will be read again */
    }
    err = err ? err : publish(documents, kept->source, text, msg);
    if (!kept->source->path) {
        tg_refresh_end(&kept->refresh, now_ms(), err);
    }
    /* It may have been the machine and not the file: too little time or memory. */
    kept->again_ms = err && kept->source->path ? now_ms() + AGAIN_MS : 0;
    if (err) {
        tg_document_note_failure(documents, kept->source->document);
        tell_failure(kept->source, msg);
    }
}

static void start_loading(struct keeper *keeper, struct kept *kept)
{
    struct tg_errmsg msg = {0};

    if (!kept->source->path) {
        tg_refresh_start(&kept->refresh, now_ms());
    }
    kept->loading = tg_loading_start(kept->source, &msg);
    if (!kept->loading) {
        on_loaded(keeper, kept, TG_ERR_UNAVAILABLE, tg_str(NULL, 0), &msg);
        keeper->looked_ms = now_ms() + FORK_MS;
    }
}

static void step_loading(struct keeper *keeper, struct kept *kept)
{
    struct tg_errmsg msg = {0};
    struct tg_str text = {0};
    int err = tg_loading_step(kept->loading, &text, &msg);

    if (err != TG_ERR_INCOMPLETE) {
        on_loaded(keeper, kept, err, text, &msg);
        tg_loading_end(kept->loading);
        kept->loading = NULL;
    }
}

/* Whether it is to be read now. */
static bool is_due(struct kept *kept)
{
    if (!kept->source->path) {
        return now_ms() >= kept->refresh.due_ms;
    }
    if (kept->again_ms > 0 && now_ms() >= kept->again_ms) {
        kept->again_ms = 0;
        tg_file_watch_forget(&kept->watch);
    }
    return tg_file_watch_look(&kept->watch);
}

/* LOOK_MS have passed. */
static void look(struct keeper *keeper)
{
    uint64_t wanted = atomic_load(&keeper->options->page->keys_wanted);

    for (uint32_t i = 0; i < keeper->count; i++) {
        struct kept *kept = &keeper->kept[i];
        if (!kept->source->path && wanted != keeper->keys_wanted) {
            tg_refresh_want(&kept->refresh, now_ms());
        }
        if (!kept->loading && is_due(kept)) {
            start_loading(keeper, kept);
        }
    }
    keeper->keys_wanted = wanted;
}

static void read_signals(struct keeper *keeper)
{
    struct signalfd_siginfo info;

    while (read(keeper->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        /* Otherwise it came from who signals the whole group: while workers drain, revocations are
         * still to reach them. */
        keeper->is_done = atomic_load(&keeper->options->page->is_leaving) != 0;
    }
}

/* At most until the next look. */
static void wait_for_news(struct keeper *keeper)
{
    struct pollfd fds[1 + TG_DOCUMENT_COUNT] = {{.fd = keeper->signals, .events = POLLIN}};
    uint64_t now = now_ms();
    uint64_t due_ms = keeper->looked_ms + LOOK_MS;

    for (uint32_t i = 0; i < keeper->count; i++) {
        const struct tg_loading *loading = keeper->kept[i].loading;
        fds[1 + i] = (struct pollfd){.fd = loading ? tg_loading_fd(loading) : -1, .events = POLLIN};
    }
    (void)poll(fds, 1 + keeper->count, due_ms > now ? (int)(due_ms - now) : 0);
    if (fds[0].revents) {
        read_signals(keeper);
    }
    now = now_ms();
    for (uint32_t i = 0; i < keeper->count; i++) {
        struct kept *kept = &keeper->kept[i];
        if (kept->loading && (fds[1 + i].revents || now >= tg_loading_due_ms(kept->loading))) {
            step_loading(keeper, kept);
        }
    }
}

static void run(struct keeper *keeper)
{
    while (!keeper->is_done) {
        wait_for_news(keeper);
        if (now_ms() >= keeper->looked_ms + LOOK_MS) {
            keeper->looked_ms = now_ms();
            look(keeper);
        }
    }
    for (uint32_t i = 0; i < keeper->count; i++) {
        tg_loading_end(keeper->kept[i].loading);
    }
}

static void set_up(struct keeper *keeper)
{
    const struct tg_keeper_options *options = keeper->options;
    uint64_t wall_ms = tg_clock_wall_ms(tg_clock_system());

    for (uint32_t i = 0; i < keeper->count; i++) {
        const struct tg_source *source = &keeper->sources[i];
        struct tg_document_state state;
        tg_document_state(options->documents, source->document, &state);
        uint64_t age_ms = wall_ms > state.read_at_ms ? wall_ms - state.read_at_ms : 0;
        keeper->kept[i] = (struct kept){.source = source, .watch = {.path = source->path}};
        tg_refresh_init(&keeper->kept[i].refresh, options->config->auth_jwks_refresh_ms,
                        state.read_at_ms ? age_ms : UINT64_MAX, now_ms());
    }
}

static int watch_signals(struct keeper *keeper, struct tg_errmsg *msg)
{
    sigset_t watched;

    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &watched, NULL) == 0) {
        keeper->signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    }
    return keeper->signals >= 0 ? TG_OK
                                : tg_errmsg_set(msg, TG_ERR_IO, "signalfd: %s", strerror(errno));
}

int tg_keeper_run(const struct tg_keeper_options *options)
{
    struct keeper keeper = {.options = options, .signals = -1};
    struct tg_errmsg msg = {0};
    char quoted[TG_ERRMSG_BYTES * 2];

    (void)prctl(PR_SET_NAME, "tidegate-keeper");
    int err = tg_source_list(options->config, keeper.sources, &keeper.count, &msg);
    err = err ? err : watch_signals(&keeper, &msg);
    if (err) {
        TG_LOG_ERROR("keeper can't start", "reason=%s",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
        return 1;
    }
    set_up(&keeper);
    run(&keeper);
    (void)close(keeper.signals);
    return 0;
}
