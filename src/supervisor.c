/* SPDX-License-Identifier: MIT */
/* One wait (poll over a signalfd), then a look at everything: who has died, who is due, whether
 * all serve, whether it is time to go. The children say nothing but what stands in the page.
 *
 *   starting   any child's end ends the program, be it that it took too long to serve
 *   serving    a dead child is replaced, a worker that hangs is killed
 *   draining   workers were told; after the last one, or the deadline, the rest is killed
 *   leaving    the aides are told: the admin process answered readiness probes until here, the
 *              keeper brought revocations to the workers */
#include "supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "aides.h"
#include "base/clock.h"
#include "base/log.h"
#include "control.h"
#include "control_deploys.h"
#include "core/document.h"
#include "core/seats.h"
#include "core/shared_page.h"
#include "deploy_start.h"
#include "deploy_wire.h"
#include "deployer/deployer.h"
#include "deploys.h"
#include "descriptor_limit.h"
#include "keeper/keeper.h"
#include "listen_sockets.h"
#include "workers.h"

static const char LOG_MODULE[] = "supervisor";

enum {
    LOOK_MS = 10,  /* while an aide is missing */
    NUDGE_MS = 50, /* how often workers are told to hurry */
    IDLE_MS = 1000,
    SPARE_MS = 1000 /* what a child gets beyond its deadline before it is killed */
};

enum stage { STAGE_STARTING, STAGE_SERVING, STAGE_DRAINING, STAGE_LEAVING };

struct supervisor {
    const struct tg_config *config;
    struct tg_page *page;
    struct tg_document_store *documents; /* NULL: nothing is kept */
    struct tg_listen_sockets listeners;
    struct tg_listen_sockets admin_socket;
    struct tg_workers workers;
    struct tg_aides aides;
    struct tg_deploys deploys;
    struct tg_deploy_wire wire;      /* to the deployer */
    struct tg_control_deploys asked; /* through the next */
    struct tg_control *control;      /* NULL: nobody can ask */
    int signals;                     /* signalfd */
    enum stage stage;
    bool is_hurried;  /* draining: workers are to cut it short */
    uint64_t kill_ms; /* draining, leaving: when patience ends */
    int status;       /* what this process will exit with */
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

/* In a worker, just forked: what isn't its own is closed. */
static void on_worker_fork(void *self)
{
    struct supervisor *supervisor = self;

    (void)close(supervisor->signals);
    tg_listen_sockets_fini(&supervisor->admin_socket);
    tg_deploy_wire_fini(&supervisor->wire);
    tg_control_forget(supervisor->control);
    tg_deploy_slots_keep_inherited(&supervisor->deploys.slots);
}

/* In an aide, just forked: what only workers need. */
static void on_aide_fork(struct supervisor *supervisor)
{
    (void)close(supervisor->signals);
    tg_control_forget(supervisor->control);
    tg_listen_sockets_fini(&supervisor->listeners);
    tg_workers_fini(&supervisor->workers);
    tg_deploys_fini(&supervisor->deploys);
}

/* In the admin process, just forked. */
static int run_admin(void *self)
{
    struct supervisor *supervisor = self;
    struct tg_admin_options options = {
        .page = supervisor->page,
        .documents = supervisor->documents,
        .listener = supervisor->admin_socket.fds[0][0],
    };

    on_aide_fork(supervisor);
    tg_deploy_wire_fini(&supervisor->wire);
    return tg_admin_run(&options);
}

/* In the keeper, just forked. */
static int run_keeper(void *self)
{
    struct supervisor *supervisor = self;
    struct tg_keeper_options options = {
        .config = supervisor->config,
        .page = supervisor->page,
        .documents = supervisor->documents,
    };

    on_aide_fork(supervisor);
    tg_listen_sockets_fini(&supervisor->admin_socket);
    tg_deploy_wire_fini(&supervisor->wire);
    return tg_keeper_run(&options);
}

/* In the deployer, just forked. */
static int run_deployer(void *self)
{
    struct supervisor *supervisor = self;
    struct tg_deployer_options options = {
        .config = supervisor->config,
        .page = supervisor->page,
        .control = supervisor->wire.other_end,
    };

    supervisor->wire.other_end = -1;
    on_aide_fork(supervisor);
    tg_listen_sockets_fini(&supervisor->admin_socket);
    tg_deploy_wire_fini(&supervisor->wire);
    return tg_deployer_run(&options);
}

static int on_deployer_start(void *self, struct tg_errmsg *msg)
{
    struct supervisor *supervisor = self;

    return tg_deploy_wire_open(&supervisor->wire, msg);
}

static void on_deployer_started(void *self)
{
    struct supervisor *supervisor = self;

    tg_deploy_wire_give_away(&supervisor->wire);
}

/* --- what deploys and workers want of each other --- */

static uint32_t on_inherit(void *self, struct tg_worker_generation list[TG_GATEWAYS_MAX])
{
    const struct supervisor *supervisor = self;

    return tg_deploy_slots_inherit(&supervisor->deploys.slots, list);
}

static void on_lost(void *self, uint32_t worker)
{
    struct supervisor *supervisor = self;

    tg_deploys_lose_worker(&supervisor->deploys, worker);
}

static bool on_blame(void *self, const struct tg_gateway_row *gateway, bool is_too_often)
{
    struct supervisor *supervisor = self;

    return tg_deploys_blame(&supervisor->deploys, gateway, is_too_often);
}

/* --- the end --- */

static void start_drain(struct supervisor *supervisor)
{
    supervisor->stage = STAGE_DRAINING;
    supervisor->kill_ms = now_ms() + supervisor->config->drain_deadline_ms + SPARE_MS;
    atomic_store(&supervisor->page->is_draining, 1);
    /* As long as anybody holds a listening socket, the kernel goes on completing handshakes. */
    tg_listen_sockets_fini(&supervisor->listeners);
    tg_workers_signal(&supervisor->workers, SIGTERM);
}

static void start_leaving(struct supervisor *supervisor)
{
    supervisor->stage = STAGE_LEAVING;
    supervisor->kill_ms = now_ms() + SPARE_MS;
    atomic_store(&supervisor->page->is_leaving, 1);
    tg_control_stop(supervisor->control);
    supervisor->control = NULL;
    tg_aides_signal(&supervisor->aides, SIGTERM);
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
            TG_LOG_INFO("certificates and gateways are read again", "signal=SIGHUP");
            tg_workers_signal(&supervisor->workers, SIGHUP);
            (void)tg_deploy_wire_scan(&supervisor->wire);
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

static void on_worker_end(struct supervisor *supervisor, struct tg_worker_slot *slot, int status)
{
    bool is_stopping = supervisor->stage >= STAGE_DRAINING;
    pid_t pid = slot->child.pid;

    tg_workers_ended(slot, status);
    if (died_of_our_signal(supervisor, slot->has_served, status)) {
        return;
    }
    bool is_clean = log_end(slot->process, pid, status, is_stopping);
    if (supervisor->stage == STAGE_STARTING || (is_stopping && !is_clean)) {
        give_up(supervisor);
    }
}

static void on_aide_end(struct supervisor *supervisor, struct tg_aide *aide, int status)
{
    pid_t pid = aide->child.pid;

    tg_child_ended(&aide->child, now_ms());
    if (died_of_our_signal(supervisor, false, status)) {
        return; /* it holds nothing that would need an orderly end */
    }
    bool is_clean = log_end(aide->process, pid, status, supervisor->stage >= STAGE_DRAINING);
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
        struct tg_aide *aide = tg_aides_find(&supervisor->aides, pid);
        if (aide) {
            on_aide_end(supervisor, aide, status);
        }
        struct tg_worker_slot *slot = tg_workers_find(&supervisor->workers, pid);
        if (slot) {
            on_worker_end(supervisor, slot, status);
        }
    }
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
                (int)supervisor->workers.count);
}

/* Draining or leaving: who is still there when patience ends is killed. */
static void look_at_deadline(struct supervisor *supervisor)
{
    if (now_ms() < supervisor->kill_ms) {
        return;
    }
    bool has_victims =
        tg_workers_count(&supervisor->workers) > 0 || supervisor->stage == STAGE_LEAVING;
    if (has_victims) {
        TG_LOG_ERROR("deadline passed, killing what is left", "workers=%u",
                     tg_workers_count(&supervisor->workers));
        supervisor->status = 1;
    }
    tg_workers_signal(&supervisor->workers, SIGKILL);
    if (supervisor->stage == STAGE_LEAVING) {
        tg_aides_signal(&supervisor->aides, SIGKILL);
    }
    supervisor->kill_ms = now_ms() + SPARE_MS;
}

/* One look at everything. False when there is nothing left to do. */
static bool step(struct supervisor *supervisor)
{
    reap(supervisor);
    if (supervisor->stage == STAGE_SERVING) {
        /* Before workers are replaced: what they inherit may be something else then. */
        tg_deploy_wire_step(&supervisor->wire);
        tg_deploys_step(&supervisor->deploys);
        tg_workers_replace(&supervisor->workers);
        tg_workers_watch(&supervisor->workers);
        tg_aides_replace(&supervisor->aides);
    }
    if (supervisor->stage < STAGE_LEAVING) {
        tg_workers_watch_calls(&supervisor->workers);
    }
    tg_control_step(supervisor->control, now_ms());
    if (supervisor->stage < STAGE_DRAINING) {
        tg_workers_introduce(&supervisor->workers);
        if (tg_workers_all_serve(&supervisor->workers) && supervisor->stage == STAGE_STARTING) {
            tell_ready(supervisor);
        }
    }
    if (supervisor->is_hurried) {
        /* Again and again: a signal that comes while the first is still pending is lost. */
        tg_workers_signal(&supervisor->workers, SIGTERM);
    }
    if (supervisor->stage == STAGE_DRAINING && tg_workers_count(&supervisor->workers) == 0) {
        start_leaving(supervisor);
    }
    if (supervisor->stage >= STAGE_DRAINING) {
        look_at_deadline(supervisor);
    }
    return supervisor->stage != STAGE_LEAVING || tg_aides_has_running(&supervisor->aides);
}

static int wait_ms(const struct supervisor *supervisor)
{
    uint64_t now = now_ms();
    uint64_t wait = supervisor->is_hurried ? NUDGE_MS : IDLE_MS;
    uint64_t asked_ms = tg_control_due_ms(supervisor->control);

    if (asked_ms < now + wait) {
        wait = asked_ms > now ? asked_ms - now : 0;
    }
    if (supervisor->stage >= STAGE_DRAINING) {
        uint64_t left = supervisor->kill_ms > now ? supervisor->kill_ms - now : 0;
        uint64_t calls_wait = tg_workers_calls_wait_ms(&supervisor->workers);
        wait = calls_wait < wait ? calls_wait : wait;
        return (int)(left < wait ? left : wait);
    }
    uint64_t workers_wait = tg_workers_wait_ms(&supervisor->workers);
    wait = workers_wait < wait ? workers_wait : wait;
    if (supervisor->stage == STAGE_SERVING) {
        uint64_t deploys_wait = tg_deploys_wait_ms(&supervisor->deploys);
        wait = deploys_wait < wait ? deploys_wait : wait;
    }
    if (tg_aides_has_missing(&supervisor->aides) && wait > LOOK_MS) {
        wait = LOOK_MS;
    }
    return (int)wait;
}

static void run(struct supervisor *supervisor)
{
    while (step(supervisor)) {
        struct pollfd fds[] = {
            {.fd = supervisor->signals, .events = POLLIN},
            /* What the deployer says is waited for while it can be acted on. */
            {.fd = supervisor->stage == STAGE_SERVING ? supervisor->wire.fd : -1, .events = POLLIN},
            {.fd = tg_control_fd(supervisor->control), .events = POLLIN},
        };
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(supervisor)) > 0 &&
            fds[0].revents != 0) {
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

static int open_sockets(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    const struct tg_config *config = supervisor->config;
    int err = tg_listen_sockets_open(&supervisor->listeners, config->listen, config->listen_count,
                                     supervisor->page->worker_count, msg);

    if (err) {
        return tg_errmsg_wrap(msg, err, "listen");
    }
    err = tg_listen_sockets_open(&supervisor->admin_socket, &config->admin,
                                 config->admin.host[0] != '\0' ? 1 : 0, 1, msg);
    return err ? tg_errmsg_wrap(msg, err, "admin") : TG_OK;
}

static void choose_aides(struct supervisor *supervisor)
{
    const struct tg_config *config = supervisor->config;
    const struct tg_aide deployer = {.process = "deployer",
                                     .run = run_deployer,
                                     .on_start = on_deployer_start,
                                     .on_started = on_deployer_started,
                                     .self = supervisor};

    if (config->admin.host[0] != '\0') {
        tg_aides_add(&supervisor->aides,
                     &(struct tg_aide){.process = "admin", .run = run_admin, .self = supervisor});
    }
    if (tg_keeper_is_needed(config)) {
        tg_aides_add(&supervisor->aides,
                     &(struct tg_aide){.process = "keeper", .run = run_keeper, .self = supervisor});
    }
    tg_aides_add(&supervisor->aides, &deployer);
}

/* What is kept has its first version before there is anybody who needs it. */
static int prepare_documents(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    if (!tg_keeper_is_needed(supervisor->config)) {
        return TG_OK;
    }
    supervisor->documents = tg_document_create();
    if (!supervisor->documents) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "the documents can't be mapped");
    }
    struct tg_keeper_options options = {
        .config = supervisor->config,
        .page = supervisor->page,
        .documents = supervisor->documents,
    };
    return tg_keeper_prepare(&options, msg);
}

/* The gateways as they are now, before there is anybody to serve them. */
static int prepare_gateways(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    struct tg_deploys_options options = {
        .config = supervisor->config,
        .page = supervisor->page,
        .clock = tg_clock_system(),
        .door = tg_workers_door(&supervisor->workers),
    };
    int err = tg_deploys_init(&supervisor->deploys, &options);

    if (err) {
        return tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    return tg_deploy_start_read(&supervisor->deploys, supervisor->config, msg);
}

static int start_children(struct supervisor *supervisor, struct tg_errmsg *msg)
{
    int err = tg_workers_start(&supervisor->workers, msg);

    return err ? err : tg_aides_start(&supervisor->aides, msg);
}

/* As configured, or one per core that is online. */
static uint32_t worker_count(const struct tg_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (config->workers > 0) {
        return (uint32_t)config->workers;
    }
    if (cores < 1) {
        return 1;
    }
    return cores < TG_PAGE_WORKERS_MAX ? (uint32_t)cores : TG_PAGE_WORKERS_MAX;
}

int tg_supervisor_run(const struct tg_config *config, struct tg_errmsg *msg)
{
    struct supervisor supervisor = {.config = config, .signals = -1, .status = 0};

    tg_log_set_process("supervisor");
    int err = tg_descriptor_limit_raise(msg);
    if (err) {
        return 1;
    }
    supervisor.page = tg_page_create(worker_count(config));
    if (!supervisor.page || tg_seats_prepare(supervisor.page, config) != TG_OK) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "the shared page can't be mapped");
        tg_page_destroy(supervisor.page);
        return 1;
    }
    choose_aides(&supervisor);
    err = prepare_documents(&supervisor, msg);
    struct tg_workers_options options = {
        .config = config,
        .page = supervisor.page,
        .documents = supervisor.documents,
        .listeners = &supervisor.listeners,
        .on_fork = on_worker_fork,
        .on_inherit = on_inherit,
        .on_lost = on_lost,
        .on_blame = on_blame,
        .self = &supervisor,
    };
    tg_workers_init(&supervisor.workers, &options);
    tg_deploy_wire_init(&supervisor.wire, &supervisor.deploys);
    err = err ? err : watch_signals(&supervisor, msg);
    err = err ? err : prepare_gateways(&supervisor, msg);
    err = err ? err : open_sockets(&supervisor, msg);
    supervisor.asked =
        (struct tg_control_deploys){config, supervisor.page, &supervisor.deploys, &supervisor.wire};
    err = err ? err : tg_control_deploys_start(&supervisor.asked, &supervisor.control, msg);
    if (!err) {
        err = start_children(&supervisor, msg);
        if (err) {
            give_up(&supervisor); /* those that were started are ended by the loop */
        }
        run(&supervisor);
    }
    tg_control_stop(supervisor.control);
    tg_deploy_wire_fini(&supervisor.wire);
    tg_deploys_fini(&supervisor.deploys);
    tg_workers_fini(&supervisor.workers);
    tg_listen_sockets_fini(&supervisor.listeners);
    tg_listen_sockets_fini(&supervisor.admin_socket);
    if (supervisor.signals >= 0) {
        (void)close(supervisor.signals);
    }
    tg_document_destroy(supervisor.documents);
    tg_page_destroy(supervisor.page);
    return err ? 1 : supervisor.status;
}
