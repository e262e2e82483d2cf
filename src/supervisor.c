/* SPDX-License-Identifier: MIT */
/* One wait (poll over a signalfd), then a look at everything: who has died, who is due, whether
 * all serve, whether it is time to go. The children say nothing but what stands in the page.
 *
 *   starting   any child's end, or START_MS without all workers serving, ends the program
 *   serving    a dead child is replaced
 *   draining   workers were told; after the last one, or the deadline, the rest is killed
 *   leaving    the admin process is told; it answered readiness probes until here */
#include "supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/clock.h"
#include "base/log.h"
#include "child.h"
#include "core/shared_page.h"
#include "listen_sockets.h"
#include "worker/worker.h"

static const char LOG_MODULE[] = "supervisor";

/* How many workers there are; everything else counts up to this. */
enum { WORKER_COUNT = 1 };

enum {
    DESCRIPTORS_MAX = 1 << 20, /* libwebsockets sizes tables by the limit */
    START_MS = 30000,          /* from a worker's start until it serves */
    LOOK_MS = 10,              /* how often the page is looked at while a worker starts */
    NUDGE_MS = 50,             /* how often workers are told to hurry */
    IDLE_MS = 1000,
    SPARE_MS = 1000 /* what a child gets beyond its deadline before it is killed */
};

enum stage { STAGE_STARTING, STAGE_SERVING, STAGE_DRAINING, STAGE_LEAVING };

struct supervisor;

/* A worker's place. */
struct slot {
    struct supervisor *supervisor;
    uint32_t index;
    char process[16]; /* worker-1 */
    struct tg_child child;
    bool has_served; /* since its last start */
};

struct supervisor {
    const struct tg_config *config;
    struct tg_page *page;
    struct tg_listen_sockets listeners;
    struct tg_listen_sockets admin_socket;
    bool has_admin;
    struct slot slots[WORKER_COUNT];
    struct tg_child admin;
    int signals; /* signalfd */
    enum stage stage;
    bool is_hurried;  /* draining: workers are to cut it short */
    uint64_t kill_ms; /* draining, leaving: when patience ends */
    int status;       /* what this process will exit with */
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

/* In a worker, just forked. */
static int run_worker(void *self)
{
    struct slot *slot = self;
    struct supervisor *supervisor = slot->supervisor;
    struct tg_worker_options options = {
        .config = supervisor->config,
        .page = supervisor->page,
        .slot = slot->index,
        .listeners = supervisor->listeners.fds[slot->index],
        .listener_count = supervisor->listeners.address_count,
    };

    (void)close(supervisor->signals);
    tg_listen_sockets_keep(&supervisor->listeners, slot->index);
    tg_listen_sockets_fini(&supervisor->admin_socket);
    return tg_worker_run(&options);
}

/* In the admin process, just forked. */
static int run_admin(void *self)
{
    struct supervisor *supervisor = self;
    struct tg_admin_options options = {
        .page = supervisor->page,
        .listener = supervisor->admin_socket.fds[0][0],
    };

    (void)close(supervisor->signals);
    tg_listen_sockets_fini(&supervisor->listeners);
    return tg_admin_run(&options);
}

static int start_worker(struct slot *slot, struct tg_errmsg *msg)
{
    struct tg_child_options options = {
        .process = slot->process, .death_signal = SIGTERM, .run = run_worker, .self = slot};

    slot->has_served = false;
    return tg_child_start(&slot->child, &options, now_ms(), msg);
}

static int start_admin(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    struct tg_child_options options = {
        .process = "admin", .death_signal = SIGKILL, .run = run_admin, .self = supervisor};

    return tg_child_start(&supervisor->admin, &options, now_ms(), msg);
}

static void send_signal(const struct tg_child *child, int number)
{
    if (child->pid > 0) {
        (void)kill(child->pid, number);
    }
}

static void signal_workers(struct supervisor *supervisor, int number)
{
    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        send_signal(&supervisor->slots[i].child, number);
    }
}

static uint32_t count_workers(const struct supervisor *supervisor)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        count += supervisor->slots[i].child.pid > 0;
    }
    return count;
}

static void start_drain(struct supervisor *supervisor)
{
    supervisor->stage = STAGE_DRAINING;
    supervisor->kill_ms = now_ms() + supervisor->config->drain_deadline_ms + SPARE_MS;
    atomic_store(&supervisor->page->is_draining, 1);
    /* As long as anybody holds a listening socket, the kernel goes on completing handshakes. */
    tg_listen_sockets_fini(&supervisor->listeners);
    signal_workers(supervisor, SIGTERM);
}

static void start_leaving(struct supervisor *supervisor)
{
    supervisor->stage = STAGE_LEAVING;
    supervisor->kill_ms = now_ms() + SPARE_MS;
    atomic_store(&supervisor->page->is_leaving, 1);
    send_signal(&supervisor->admin, SIGTERM);
}

/* Something that the program can't do without has failed: it ends with what it has. */
static void give_up(struct supervisor *supervisor)
{
    supervisor->status = 1;
    if (supervisor->stage < STAGE_DRAINING) {
        start_drain(supervisor);
        supervisor->kill_ms = now_ms() + SPARE_MS;
    }
}

/* SIGTERM or SIGINT has come. */
static void on_stop(struct supervisor *supervisor, const char *name)
{
    if (supervisor->stage < STAGE_DRAINING) {
        TG_LOG_INFO("stopping", "signal=%s drain_deadline_ms=%" PRIu64, name,
                    supervisor->config->drain_deadline_ms);
        start_drain(supervisor);
        return;
    }
    uint64_t soon = now_ms() + SPARE_MS;
    TG_LOG_WARN("stopping at once", "signal=%s", name);
    supervisor->kill_ms = soon < supervisor->kill_ms ? soon : supervisor->kill_ms;
    supervisor->is_hurried = true;
    atomic_store(&supervisor->page->is_hurried, 1);
}

static void read_signals(struct supervisor *supervisor)
{
    struct signalfd_siginfo info;

    while (read(supervisor->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        switch ((int)info.ssi_signo) {
        case SIGTERM:
            on_stop(supervisor, "SIGTERM");
            break;
        case SIGINT:
            on_stop(supervisor, "SIGINT");
            break;
        case SIGHUP:
            TG_LOG_INFO("workers read their certificates again", "signal=SIGHUP");
            signal_workers(supervisor, SIGHUP);
            break;
        default: /* SIGCHLD: reap looks for itself, since signals of one kind merge */
            break;
        }
    }
}

static bool log_end(const char *process, pid_t pid, int status, bool was_wanted)
{
    bool is_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    if (is_clean && was_wanted) {
        TG_LOG_DEBUG("process ended", "process=%s pid=%d", process, (int)pid);
    } else if (WIFSIGNALED(status)) {
        TG_LOG_ERROR("process died", "process=%s pid=%d signal=%d", process, (int)pid,
                     WTERMSIG(status));
    } else {
        TG_LOG_ERROR("process died", "process=%s pid=%d status=%d", process, (int)pid,
                     WEXITSTATUS(status));
    }
    return is_clean;
}

/* A worker that was told to go before it could watch SIGTERM dies of it, which is as good. */
static bool died_of_our_signal(const struct supervisor *supervisor, bool has_served, int status)
{
    return supervisor->stage >= STAGE_DRAINING && !has_served && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGTERM;
}

static void on_worker_end(struct supervisor *supervisor, struct slot *slot, int status)
{
    bool is_stopping = supervisor->stage >= STAGE_DRAINING;
    uint32_t phase = atomic_load(&supervisor->page->rows[slot->index].phase);
    pid_t pid = slot->child.pid;

    slot->has_served = slot->has_served || phase != TG_WORKER_STARTING;
    tg_page_reset_row(supervisor->page, slot->index);
    tg_child_ended(&slot->child, now_ms());
    if (died_of_our_signal(supervisor, slot->has_served, status)) {
        return;
    }
    bool is_clean = log_end(slot->process, pid, status, is_stopping);
    if (supervisor->stage == STAGE_STARTING || (is_stopping && !is_clean)) {
        give_up(supervisor);
    }
}

static void on_admin_end(struct supervisor *supervisor, int status)
{
    pid_t pid = supervisor->admin.pid;

    tg_child_ended(&supervisor->admin, now_ms());
    if (died_of_our_signal(supervisor, false, status)) {
        return; /* it holds nothing that would need an orderly end */
    }
    bool is_clean = log_end("admin", pid, status, supervisor->stage >= STAGE_DRAINING);
    if (supervisor->stage == STAGE_STARTING || (supervisor->stage == STAGE_LEAVING && !is_clean)) {
        give_up(supervisor);
    }
}

static void reap(struct supervisor *supervisor)
{
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0) {
            return;
        }
        if (pid == supervisor->admin.pid) {
            on_admin_end(supervisor, status);
        }
        for (uint32_t i = 0; i < WORKER_COUNT; i++) {
            if (pid == supervisor->slots[i].child.pid) {
                on_worker_end(supervisor, &supervisor->slots[i], status);
            }
        }
    }
}

/* The kernel refused a process: as if it had died early, it is tried again later. */
static void put_off(struct tg_child *child, const struct tg_errmsg *msg)
{
    char quoted[TG_ERRMSG_BYTES * 2];

    TG_LOG_ERROR("process can't be started", "reason=%s",
                 tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
    tg_child_ended(child, now_ms());
}

static void replace_dead(struct supervisor *supervisor)
{
    struct tg_errmsg msg = {0};

    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        struct slot *slot = &supervisor->slots[i];
        if (!tg_child_is_due(&slot->child, now_ms())) {
            continue;
        }
        atomic_fetch_add(&supervisor->page->restarts, 1);
        if (start_worker(slot, &msg) == TG_OK) {
            TG_LOG_WARN("worker replaced", "process=%s pid=%d", slot->process,
                        (int)slot->child.pid);
        } else {
            put_off(&slot->child, &msg);
        }
    }
    if (supervisor->has_admin && tg_child_is_due(&supervisor->admin, now_ms())) {
        if (start_admin(supervisor, &msg) == TG_OK) {
            TG_LOG_WARN("admin process replaced", "process=admin pid=%d",
                        (int)supervisor->admin.pid);
        } else {
            put_off(&supervisor->admin, &msg);
        }
    }
}

/* Whether every worker serves. One that takes too long to get there is killed, as one that hangs.
 */
static bool look_at_workers(struct supervisor *supervisor)
{
    bool all_serve = true;

    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        struct slot *slot = &supervisor->slots[i];
        if (atomic_load(&supervisor->page->rows[i].phase) != TG_WORKER_STARTING) {
            slot->has_served = true;
        } else if (slot->child.pid > 0 && now_ms() - slot->child.started_ms >= START_MS) {
            TG_LOG_ERROR("worker takes too long to start", "process=%s after_ms=%d", slot->process,
                         (int)START_MS);
            send_signal(&slot->child, SIGKILL);
        }
        all_serve = all_serve && slot->has_served && slot->child.pid > 0;
    }
    return all_serve;
}

static void tell_ready(struct supervisor *supervisor)
{
    char listen[TG_LISTEN_TEXT_BYTES];
    char admin[TG_LISTEN_TEXT_BYTES];
    char gateways[512];

    supervisor->stage = STAGE_SERVING;
    TG_LOG_INFO("ready", "listen=%s admin=%s gateways=%s workers=%d",
                tg_listen_sockets_text(&supervisor->listeners, listen),
                tg_listen_sockets_text(&supervisor->admin_socket, admin),
                tg_log_quote(gateways, sizeof(gateways), tg_str_of(supervisor->config->gateways)),
                (int)WORKER_COUNT);
}

/* Draining or leaving: who is still there when patience ends is killed. */
static void look_at_deadline(struct supervisor *supervisor)
{
    if (now_ms() < supervisor->kill_ms) {
        return;
    }
    bool has_victims = count_workers(supervisor) > 0 || supervisor->stage == STAGE_LEAVING;
    if (has_victims) {
        TG_LOG_ERROR("deadline passed, killing what is left", "workers=%u",
                     count_workers(supervisor));
        supervisor->status = 1;
    }
    signal_workers(supervisor, SIGKILL);
    if (supervisor->stage == STAGE_LEAVING) {
        send_signal(&supervisor->admin, SIGKILL);
    }
    supervisor->kill_ms = now_ms() + SPARE_MS;
}

/* One look at everything. False when there is nothing left to do. */
static bool step(struct supervisor *supervisor)
{
    reap(supervisor);
    if (supervisor->stage == STAGE_SERVING) {
        replace_dead(supervisor);
    }
    if (supervisor->stage < STAGE_DRAINING && look_at_workers(supervisor) &&
        supervisor->stage == STAGE_STARTING) {
        tell_ready(supervisor);
    }
    if (supervisor->is_hurried) {
        /* Again and again: a signal that comes while the first is still pending is lost. */
        signal_workers(supervisor, SIGTERM);
    }
    if (supervisor->stage == STAGE_DRAINING && count_workers(supervisor) == 0) {
        start_leaving(supervisor);
    }
    if (supervisor->stage >= STAGE_DRAINING) {
        look_at_deadline(supervisor);
    }
    return supervisor->stage != STAGE_LEAVING || supervisor->admin.pid > 0;
}

static int wait_ms(const struct supervisor *supervisor)
{
    uint64_t now = now_ms();
    uint64_t wait = supervisor->is_hurried ? NUDGE_MS : IDLE_MS;

    if (supervisor->stage >= STAGE_DRAINING) {
        uint64_t left = supervisor->kill_ms > now ? supervisor->kill_ms - now : 0;
        return (int)(left < wait ? left : wait);
    }
    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        if (!supervisor->slots[i].has_served || supervisor->slots[i].child.pid == 0) {
            wait = LOOK_MS;
        }
    }
    if (supervisor->has_admin && supervisor->admin.pid == 0) {
        wait = LOOK_MS;
    }
    return (int)wait;
}

static void run(struct supervisor *supervisor)
{
    while (step(supervisor)) {
        struct pollfd signals = {.fd = supervisor->signals, .events = POLLIN};
        if (poll(&signals, 1, wait_ms(supervisor)) > 0) {
            read_signals(supervisor);
        }
    }
}

static int watch_signals(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    sigset_t watched;

    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGTERM);
    (void)sigaddset(&watched, SIGINT);
    (void)sigaddset(&watched, SIGHUP);
    (void)sigaddset(&watched, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "signals: %s", strerror(errno));
    }
    supervisor->signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    if (supervisor->signals < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "signalfd: %s", strerror(errno));
    }
    return TG_OK;
}

/* Every client needs a descriptor: what the system allows is asked for. */
static int raise_descriptor_limit(struct tg_errmsg *msg)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "descriptor limit: %s", strerror(errno));
    }
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "descriptor limit: %s", strerror(errno));
    }
    return TG_OK;
}

static int open_sockets(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    const struct tg_config *config = supervisor->config;
    int err = tg_listen_sockets_open(&supervisor->listeners, config->listen, config->listen_count,
                                     WORKER_COUNT, msg);

    if (err) {
        return tg_errmsg_wrap(msg, err, "listen");
    }
    supervisor->has_admin = config->admin.host[0] != '\0';
    err = tg_listen_sockets_open(&supervisor->admin_socket, &config->admin,
                                 supervisor->has_admin ? 1 : 0, 1, msg);
    return err ? tg_errmsg_wrap(msg, err, "admin") : TG_OK;
}

/* Workers first: what they say about gateways is what the operator waits for. */
static int start_children(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < WORKER_COUNT; i++) {
        struct slot *slot = &supervisor->slots[i];
        slot->supervisor = supervisor;
        slot->index = i;
        (void)snprintf(slot->process, sizeof(slot->process), "worker-%u", i + 1);
        int err = start_worker(slot, msg);
        if (err) {
            return err;
        }
    }
    return supervisor->has_admin ? start_admin(supervisor, msg) : TG_OK;
}

int tg_supervisor_run(const struct tg_config *config, struct tg_errmsg *msg)
{
    struct supervisor supervisor = {.config = config, .signals = -1, .status = 0};

    tg_log_set_process("supervisor");
    int err = raise_descriptor_limit(msg);
    if (err) {
        return 1;
    }
    supervisor.page = tg_page_create(WORKER_COUNT);
    if (!supervisor.page) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "the shared page can't be mapped");
        return 1;
    }
    err = watch_signals(&supervisor, msg);
    err = err ? err : open_sockets(&supervisor, msg);
    if (!err) {
        err = start_children(&supervisor, msg);
        if (err) {
            give_up(&supervisor); /* those that were started are ended by the loop */
        }
        run(&supervisor);
    }
    tg_listen_sockets_fini(&supervisor.listeners);
    tg_listen_sockets_fini(&supervisor.admin_socket);
    if (supervisor.signals >= 0) {
        (void)close(supervisor.signals);
    }
    tg_page_destroy(supervisor.page);
    return err ? 1 : supervisor.status;
}
