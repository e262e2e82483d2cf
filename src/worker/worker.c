/* SPDX-License-Identifier: MIT */
/* The life of a worker: make the parts, load the gateways, serve; SIGTERM: no new clients, tell
 * those there are in paced batches, leave when the last one has gone or the deadline has come.
 * A part that can't be made ends the process; the supervisor decides what then. */
#include "worker/worker.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "hub/admission.h"
#include "hub/hub.h"
#include "hub/unavailable.h"
#include "net/server.h"
#include "script/stop_signal.h"
#include "worker/documents.h"
#include "worker/drain.h"
#include "worker/gateways.h"
#include "worker/orphan.h"
#include "worker/peers.h"
#include "worker/resident.h"

static const char LOG_MODULE[] = "worker";

enum {
    HEARTBEAT_MS = 1000,
    TURN_ROUNDS_MAX = 16,      /* of ends that lead to further ends, per turn */
    TEARDOWN_STEPS_MAX = 4096, /* of the loop, until its last handle has closed */
    ORPHAN_DRAIN_MS = 3500,    /* at most, when nobody is left who would kill at the deadline */
    DESCRIPTORS_SPARE = 1024,
    ORPHAN_SPARE_MS = 500, /* beyond that, before the kernel ends it */
    DESCRIPTORS_MAX = 1 << 20
};

struct worker {
    const struct tg_worker_options *options;
    struct tg_loop *loop;
    struct tg_hub hub;
    struct tg_server *server;
    struct tg_peers peers;
    struct tg_documents documents;
    struct tg_gateways gateways;
    struct tg_timer heartbeat;
    struct tg_timer drain_tick;
    struct tg_timer drain_end;
    struct tg_timer again; /* makes the loop turn when a turn left something to do */
    pid_t supervisor;
    bool is_draining;
    uint64_t drain_started_ms;
    uint64_t drain_deadline_ms; /* from the start of the drain */
    uint32_t untold;            /* draining: clients whose close was not begun yet, at most */
    int err;                    /* why it can't go on */
};

static struct tg_page_row *row_of(const struct worker *worker)
{
    return &worker->options->page->rows[worker->options->slot];
}

/* libwebsockets makes tables of a place per permitted descriptor and walks them at each close: as
 * many as the cap can need, handshakes that are refused included, and no more. */
static void set_descriptor_limit(const struct tg_config *config)
{
    struct rlimit limit;
    rlim_t wanted = DESCRIPTORS_MAX;

    if (config->max_connections > 0) {
        wanted = config->max_connections * 2 + DESCRIPTORS_SPARE;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    if (limit.rlim_cur < config->max_connections + DESCRIPTORS_SPARE) {
        TG_LOG_WARN("the descriptor limit is below what max_connections needs",
                    "limit=%" PRIu64 " wanted=%" PRIu64, (uint64_t)limit.rlim_cur,
                    config->max_connections + DESCRIPTORS_SPARE);
    }
    if (wanted < limit.rlim_cur) {
        limit.rlim_cur = wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* When the kernel doesn't say, what was known before stands. */
static void measure_memory(struct worker *worker)
{
    uint64_t resident_bytes;

    if (worker->options->config->shed_memory > 0 && tg_resident_read(&resident_bytes) == TG_OK) {
        tg_admission_set_resident(&worker->hub, resident_bytes);
    }
}

/* A second has passed. */
static void on_heartbeat(struct tg_timer *timer)
{
    struct worker *worker = TG_CONTAINER(timer, struct worker, heartbeat);
    struct tg_wheel *wheel = tg_loop_wheel(worker->loop);

    atomic_store(&row_of(worker)->heartbeat_ms, wheel->now_ms);
    tg_unavailable_sweep(&worker->hub);
    tg_gateways_measure(&worker->gateways);
    measure_memory(worker);
    tg_timer_set(wheel, timer, wheel->now_ms + HEARTBEAT_MS);
}

/* Nothing: the turn that this timer caused is what was wanted. */
static void on_again(struct tg_timer *timer)
{
    (void)timer;
}

/* The supervisor has something for this worker that isn't about its peers. */
static void on_order(void *self, const struct tg_order *order, int fd)
{
    struct worker *worker = self;

    tg_gateways_on_order(&worker->gateways, order, fd);
}

/* A worker that can't run what all others run is of no use: its successor starts with that. */
static void follow_page(struct worker *worker)
{
    if (worker->err == TG_OK) {
        worker->err = tg_gateways_turn(&worker->gateways);
        if (worker->err) {
            TG_LOG_ERROR("what is live is not here, leaving", "slot=%u", worker->options->slot + 1);
            tg_loop_stop(worker->loop);
        }
    }
}

/* Descriptors and timers of this turn have been served. Ends may make other clients end (a
 * broadcast in on_disconnect evicts), so the two steps alternate until both have nothing to do. */
static void on_turn(void *self)
{
    struct worker *worker = self;

    follow_page(worker);
    for (int i = 0; i < TURN_ROUNDS_MAX; i++) {
        tg_hub_turn(&worker->hub);
        tg_server_flush(worker->server);
        if (!tg_server_is_dirty(worker->server) && tg_link_is_alone(&worker->hub.ending)) {
            break;
        }
    }
    tg_peers_flush(&worker->peers);
    if (tg_server_is_dirty(worker->server) || !tg_link_is_alone(&worker->hub.ending)) {
        struct tg_wheel *wheel = tg_loop_wheel(worker->loop);
        tg_timer_set(wheel, &worker->again, wheel->now_ms);
    }
    if (worker->is_draining && tg_server_conn_count(worker->server) == 0) {
        tg_loop_stop(worker->loop);
    }
}

/* It is time to tell the next clients. */
static void on_drain_tick(struct tg_timer *timer)
{
    struct worker *worker = TG_CONTAINER(timer, struct worker, drain_tick);
    struct tg_wheel *wheel = tg_loop_wheel(worker->loop);
    uint64_t elapsed_ms = wheel->now_ms - worker->drain_started_ms;
    uint32_t batch = tg_drain_batch(worker->untold, elapsed_ms, worker->drain_deadline_ms);

    (void)tg_hub_drain_some(&worker->hub, batch);
    worker->untold -= batch;
    if (worker->untold > 0) {
        tg_timer_set(wheel, timer, wheel->now_ms + TG_DRAIN_TICK_MS);
    }
}

/* The drain's deadline has come: who is still here is cut. */
static void on_drain_end(struct tg_timer *timer)
{
    struct worker *worker = TG_CONTAINER(timer, struct worker, drain_end);

    TG_LOG_WARN("drain deadline reached", "connections=%u", tg_server_conn_count(worker->server));
    tg_loop_stop(worker->loop);
}

static void start_drain(struct worker *worker)
{
    struct tg_wheel *wheel = tg_loop_wheel(worker->loop);

    worker->is_draining = true;
    worker->drain_started_ms = wheel->now_ms;
    worker->drain_deadline_ms = worker->options->config->drain_deadline_ms;
    if (getppid() != worker->supervisor && worker->drain_deadline_ms > ORPHAN_DRAIN_MS) {
        worker->drain_deadline_ms = ORPHAN_DRAIN_MS;
    }
    worker->untold = worker->hub.registry.count;
    atomic_store(&row_of(worker)->phase, TG_WORKER_DRAINING);
    tg_hub_start_drain(&worker->hub);
    tg_server_stop_accepting(worker->server);
    for (uint32_t i = 0; i < worker->options->listener_count; i++) {
        (void)close(worker->options->listeners[i]);
        worker->options->listeners[i] = -1;
    }
    /* Said when it is so: nobody gets in any more. */
    TG_LOG_INFO("draining", "clients=%u", worker->untold);
    tg_timer_set(wheel, &worker->drain_end, wheel->now_ms + worker->drain_deadline_ms);
    on_drain_tick(&worker->drain_tick);
}

/* The supervisor wants this worker to go, or has died. */
static void on_terminate(void *self, int number)
{
    struct worker *worker = self;

    (void)number;
    /* Told twice, by the supervisor and by who signals the whole group, as systemd does. */
    if (worker->is_draining && !atomic_load(&worker->options->page->is_hurried)) {
        return;
    }
    if (worker->is_draining) {
        TG_LOG_WARN("drain cut short", "connections=%u", tg_server_conn_count(worker->server));
        tg_loop_stop(worker->loop);
        return;
    }
    start_drain(worker);
}

/* Files may have changed that are read at the start alone. */
static void on_hangup(void *self, int number)
{
    struct worker *worker = self;

    (void)number;
    if (worker->server) {
        tg_server_reload_certificates(worker->server);
    }
}

static int make_hub(struct worker *worker, struct tg_errmsg *msg)
{
    struct tg_hub_options options = {
        .config = worker->options->config,
        .page = worker->options->page,
        .row_index = worker->options->slot,
        .wheel = tg_loop_wheel(worker->loop),
        .clock = tg_clock_system(),
        .transport = tg_server_transport(),
    };
    return tg_hub_init(&worker->hub, &options, msg);
}

static int make_peers(struct worker *worker, struct tg_errmsg *msg)
{
    struct tg_peers_options options = {
        .loop = worker->loop,
        .hub = &worker->hub,
        .slot = worker->options->slot,
        .links = worker->options->links,
        .link_count = worker->options->link_count,
        .control = worker->options->control,
        .on_order = on_order,
        .self = worker,
    };
    return tg_peers_init(&worker->peers, &options, msg);
}

static int make_server(struct worker *worker, struct tg_errmsg *msg)
{
    struct tg_server_options options = {
        .loop = worker->loop,
        .hub = &worker->hub,
        .config = worker->options->config,
        .listeners = worker->options->listeners,
        .listener_count = worker->options->listener_count,
    };
    worker->server = tg_server_create(&options, msg);
    return worker->server ? TG_OK : TG_ERR_IO;
}

/* From here on this process ends anyway. With the loop's watch gone, SIGTERM would kill it. */
static void block_sigterm(void)
{
    sigset_t blocked;

    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* Lets the loop run until libraries have closed their handles. */
static void run_out(struct tg_loop *loop)
{
    for (int i = 0; i < TEARDOWN_STEPS_MAX && tg_loop_step(loop); i++) {
    }
}

static void serve(struct worker *worker)
{
    struct tg_wheel *wheel = tg_loop_wheel(worker->loop);

    tg_timer_init(&worker->heartbeat, on_heartbeat);
    tg_timer_init(&worker->drain_tick, on_drain_tick);
    tg_timer_init(&worker->drain_end, on_drain_end);
    tg_timer_init(&worker->again, on_again);
    tg_loop_on_turn(worker->loop, on_turn, worker);
    on_heartbeat(&worker->heartbeat);
    atomic_store(&row_of(worker)->phase, TG_WORKER_SERVING);
    tg_loop_run(worker->loop);
    tg_loop_on_turn(worker->loop, NULL, NULL);
    tg_timer_cancel(wheel, &worker->heartbeat);
    tg_timer_cancel(wheel, &worker->drain_tick);
    tg_timer_cancel(wheel, &worker->drain_end);
    tg_timer_cancel(wheel, &worker->again);
}

static int run_parts(struct worker *worker, struct tg_errmsg *msg)
{
    worker->loop = tg_loop_create();
    if (!worker->loop) {
        return tg_errmsg_set(msg, TG_ERR_IO, "the event loop can't be made");
    }
    /* Before anything is read: a SIGHUP that comes meanwhile waits for the loop. */
    int err = tg_loop_on_signal(worker->loop, SIGHUP, on_hangup, worker);
    if (err) {
        (void)tg_errmsg_set(msg, err, "SIGHUP can't be watched");
        goto err_after_loop;
    }
    err = make_hub(worker, msg);
    if (err) {
        goto err_after_loop;
    }
    /* Before anybody can come in. */
    tg_documents_start(&worker->documents, &worker->hub, worker->options->documents);
    err = make_peers(worker, msg);
    if (err) {
        goto err_after_hub;
    }
    err = tg_gateways_start(&worker->gateways, &worker->hub, worker->options->generations,
                            worker->options->generation_count, msg);
    if (err) {
        goto err_after_gateways;
    }
    err = make_server(worker, msg);
    if (err) {
        goto err_after_gateways;
    }
    err = tg_loop_on_signal(worker->loop, SIGTERM, on_terminate, worker);
    if (err) {
        (void)tg_errmsg_set(msg, err, "SIGTERM can't be watched");
    } else {
        serve(worker);
        block_sigterm();
        err = worker->err;
    }
    tg_server_destroy(worker->server);
    worker->server = NULL;
    tg_hub_turn(&worker->hub); /* on_disconnect of those that were cut */
    tg_peers_flush(&worker->peers);
err_after_gateways:
    tg_gateways_stop(&worker->gateways);
    tg_peers_fini(&worker->peers, &worker->hub);
    run_out(worker->loop);
err_after_hub:
    tg_documents_stop(&worker->documents);
    tg_hub_fini(&worker->hub);
err_after_loop:
    tg_loop_destroy(worker->loop);
    return err;
}

int tg_worker_run(const struct tg_worker_options *options)
{
    struct worker worker = {.options = options, .supervisor = getppid()};
    struct tg_errmsg msg = {0};
    char name[16];
    char quoted[TG_ERRMSG_BYTES * 2];

    (void)snprintf(name, sizeof(name), "tidegate-w%u", options->slot + 1);
    (void)prctl(PR_SET_NAME, name);
    atomic_store(&row_of(&worker)->pid, (uint64_t)getpid());
    (void)tg_check(tg_stop_signal_watch(worker.supervisor) == TG_OK);
    tg_orphan_watch(ORPHAN_DRAIN_MS + ORPHAN_SPARE_MS);
    set_descriptor_limit(options->config);
    int err = run_parts(&worker, &msg);
    if (worker.err) {
        return 1; /* which has been logged */
    }
    if (err) {
        TG_LOG_ERROR("worker can't start", "reason=%s",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
        return 1;
    }
    TG_LOG_INFO("worker done", "slot=%u", options->slot + 1);
    return 0;
}
