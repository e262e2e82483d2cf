/* SPDX-License-Identifier: MIT */
#include "workers.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "hub/counter.h"

static const char LOG_MODULE[] = "supervisor";

enum {
    START_MS = 30000, /* from a worker's start until it serves */
    LOOK_MS = 10      /* how often the page is looked at while a worker starts */
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

void tg_workers_init(struct tg_workers *workers, const struct tg_workers_options *options)
{
    workers->options = *options;
    workers->count = options->page->worker_count;
    workers->clock = (struct tg_watchdog_clock){0};
    workers->call_clock = (struct tg_overrun_clock){0};
    workers->culprits = (struct tg_culprits){.count = 0};
    tg_mesh_init(&workers->mesh, workers->count);
    for (uint32_t i = 0; i < workers->count; i++) {
        struct tg_worker_slot *slot = &workers->slots[i];
        *slot = (struct tg_worker_slot){.workers = workers, .index = i};
        (void)snprintf(slot->process, sizeof(slot->process), "worker-%" PRIu32, i + 1);
    }
}

void tg_workers_fini(struct tg_workers *workers)
{
    tg_mesh_fini(&workers->mesh);
}

/* In a worker, just forked. */
static int run_worker(void *self)
{
    struct tg_worker_slot *slot = self;
    struct tg_workers *workers = slot->workers;
    struct tg_worker_generation generations[TG_GATEWAYS_MAX];
    struct tg_worker_options options = {
        .config = workers->options.config,
        .page = workers->options.page,
        .documents = workers->options.documents,
        .slot = slot->index,
        .listeners = workers->options.listeners->fds[slot->index],
        .listener_count = workers->options.listeners->address_count,
        .links = workers->mesh.links,
        .link_count = workers->count,
        .control = workers->mesh.control,
        .generations = generations,
    };

    workers->options.on_fork(workers->options.self);
    options.generation_count = workers->options.on_inherit(workers->options.self, generations);
    tg_listen_sockets_keep(workers->options.listeners, slot->index);
    tg_mesh_keep_own(&workers->mesh);
    return tg_worker_run(&options);
}

static int start_one(struct tg_worker_slot *slot, struct tg_errmsg *msg)
{
    struct tg_mesh *mesh = &slot->workers->mesh;
    struct tg_child_options options = {
        .process = slot->process, .death_signal = SIGTERM, .run = run_worker, .self = slot};

    slot->has_served = false;
    slot->watchdog = (struct tg_watchdog){0};
    slot->overrun = (struct tg_overrun){0};
    int err = tg_mesh_open(mesh, slot->index, now_ms(), msg);
    if (err) {
        return tg_errmsg_wrap(msg, err, "%s", slot->process);
    }
    err = tg_child_start(&slot->child, &options, now_ms(), msg);
    if (err) {
        tg_mesh_lose(mesh, slot->index);
    } else {
        tg_mesh_give_away(mesh);
    }
    return err;
}

int tg_workers_start(struct tg_workers *workers, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < workers->count; i++) {
        int err = start_one(&workers->slots[i], msg);
        if (err) {
            return err;
        }
    }
    return TG_OK;
}

void tg_workers_signal(struct tg_workers *workers, int number)
{
    for (uint32_t i = 0; i < workers->count; i++) {
        if (workers->slots[i].child.pid > 0) {
            (void)kill(workers->slots[i].child.pid, number);
        }
    }
}

uint32_t tg_workers_count(const struct tg_workers *workers)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < workers->count; i++) {
        count += workers->slots[i].child.pid > 0;
    }
    return count;
}

static bool is_alive(void *self, uint32_t worker)
{
    const struct tg_workers *workers = self;

    return workers->slots[worker].child.pid > 0;
}

static int send_order(void *self, uint32_t worker, const struct tg_order *order, int fd)
{
    const struct tg_workers *workers = self;

    return tg_worker_link_send(workers->mesh.controls[worker], order, fd);
}

struct tg_deploy_door tg_workers_door(struct tg_workers *workers)
{
    return (struct tg_deploy_door){
        .page = workers->options.page, .is_alive = is_alive, .send = send_order, .self = workers};
}

struct tg_worker_slot *tg_workers_find(struct tg_workers *workers, pid_t pid)
{
    for (uint32_t i = 0; i < workers->count; i++) {
        if (workers->slots[i].child.pid == pid) {
            return &workers->slots[i];
        }
    }
    return NULL;
}

/* Its successor counts on from where it was, but what it has now is nothing. */
static void clear_gauges(struct tg_page_row *row)
{
    const struct tg_metric *table = tg_counter_table();

    for (uint32_t i = 0; i < (uint32_t)TG_COUNT_ALL; i++) {
        if (table[i].kind == TG_METRIC_GAUGE) {
            tg_row_set(row, i, 0);
        }
    }
}

/* It died in a call: whose code that was. */
static void blame(struct tg_worker_slot *slot, const struct tg_page_row *row)
{
    struct tg_page *page = slot->workers->options.page;
    struct tg_call_moment moment;

    if (!tg_call_clock_read(&row->calls, &moment) || moment.sequence % 2 == 0 ||
        moment.gateway >= TG_GATEWAY_ROWS_MAX) {
        return;
    }
    const struct tg_gateway_row *gateway = &row->gateways.rows[moment.gateway];
    bool is_too_often = tg_culprits_add(&slot->workers->culprits, gateway, now_ms());
    TG_LOG_ERROR("worker died in a gateway's code", "process=%s gateway=%s generation=%s",
                 slot->process, gateway->name, gateway->generation);
    const struct tg_workers_options *options = &slot->workers->options;
    bool is_settled = options->on_blame(options->self, gateway, is_too_often);
    int err =
        is_too_often && !is_settled ? tg_unloaded_add(&page->unloaded, gateway) : TG_ERR_EXISTS;
    if (err == TG_OK) {
        TG_LOG_ERROR("gateway unloaded: too many workers died in it",
                     "gateway=%s generation=%s path=%s", gateway->name, gateway->generation,
                     gateway->path[0] ? gateway->path : "-");
    } else if (err == TG_ERR_FULL) {
        TG_LOG_ERROR("gateway can't be unloaded: too many have been since the start",
                     "gateway=%s generation=%s", gateway->name, gateway->generation);
    }
}

void tg_workers_ended(struct tg_worker_slot *slot, int status)
{
    struct tg_page *page = slot->workers->options.page;
    uint32_t phase = atomic_load(&page->rows[slot->index].phase);

    slot->workers->options.on_lost(slot->workers->options.self, slot->index);
    if (WIFSIGNALED(status)) {
        blame(slot, &page->rows[slot->index]);
    }
    slot->has_served = slot->has_served || phase != TG_WORKER_STARTING;
    tg_page_reset_row(page, slot->index);
    clear_gauges(&page->rows[slot->index]);
    tg_mesh_lose(&slot->workers->mesh, slot->index);
    tg_child_ended(&slot->child, now_ms());
}

/* The kernel refused a process: as if it had died early, it is tried again later. */
static void put_off(struct tg_worker_slot *slot, const struct tg_errmsg *msg)
{
    char quoted[TG_ERRMSG_BYTES * 2];

    TG_LOG_ERROR("process can't be started", "reason=%s",
                 tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
    slot->child.started_ms = now_ms();
    tg_child_ended(&slot->child, now_ms());
}

void tg_workers_replace(struct tg_workers *workers)
{
    struct tg_errmsg msg = {0};

    for (uint32_t i = 0; i < workers->count; i++) {
        struct tg_worker_slot *slot = &workers->slots[i];
        if (!tg_child_is_due(&slot->child, now_ms())) {
            continue;
        }
        atomic_fetch_add(&workers->options.page->restarts, 1);
        if (start_one(slot, &msg) == TG_OK) {
            TG_LOG_WARN("worker replaced", "process=%s pid=%d", slot->process,
                        (int)slot->child.pid);
        } else {
            put_off(slot, &msg);
        }
    }
}

void tg_workers_introduce(struct tg_workers *workers)
{
    (void)tg_mesh_tell(&workers->mesh, now_ms());
}

bool tg_workers_all_serve(struct tg_workers *workers)
{
    bool all_serve = true;

    for (uint32_t i = 0; i < workers->count; i++) {
        struct tg_worker_slot *slot = &workers->slots[i];
        if (atomic_load(&workers->options.page->rows[i].phase) != TG_WORKER_STARTING) {
            slot->has_served = true;
        } else if (slot->child.pid > 0 && now_ms() - slot->child.started_ms >= START_MS) {
            TG_LOG_ERROR("worker takes too long to start", "process=%s after_ms=%d", slot->process,
                         (int)START_MS);
            (void)kill(slot->child.pid, SIGKILL);
        }
        all_serve = all_serve && slot->has_served && slot->child.pid > 0;
    }
    return all_serve;
}

static void watch_one(struct tg_worker_slot *slot, uint64_t elapsed_ms)
{
    const struct tg_page_row *row = &slot->workers->options.page->rows[slot->index];
    struct tg_watchdog_sample sample = {
        .heartbeat_ms = atomic_load(&row->heartbeat_ms),
        .cpu_ms = slot->watchdog.cpu_ms, /* when the kernel doesn't say: it hasn't run */
        .elapsed_ms = elapsed_ms,
    };
    uint64_t cpu_us = 0;

    if (tg_watchdog_read_cpu(slot->child.pid, &cpu_us) == TG_OK) {
        sample.cpu_ms = cpu_us / 1000;
    }
    if (tg_watchdog_judge(&slot->watchdog, &sample)) {
        return;
    }
    TG_LOG_ERROR("worker gives no sign of life, killing it",
                 "process=%s pid=%d silent_ms=%" PRIu64 " cpu_ms=%" PRIu64, slot->process,
                 (int)slot->child.pid, slot->watchdog.silent_ms,
                 sample.cpu_ms - slot->watchdog.cpu_ms);
    (void)kill(slot->child.pid, SIGKILL);
}

void tg_workers_watch(struct tg_workers *workers)
{
    uint64_t elapsed_ms;

    if (tg_watchdog_tick(&workers->clock, now_ms(), &elapsed_ms) == TG_WATCHDOG_EARLY) {
        return;
    }
    for (uint32_t i = 0; i < workers->count; i++) {
        struct tg_worker_slot *slot = &workers->slots[i];
        if (slot->child.pid > 0 && slot->has_served) {
            watch_one(slot, elapsed_ms);
        }
    }
}

/* --- calls into scripts --- */

/* The worker looks whether it is still in that call. */
static void stop_call(const struct tg_worker_slot *slot, uint64_t sequence)
{
    union sigval value = {.sival_ptr = (void *)(uintptr_t)sequence};

    (void)sigqueue(slot->child.pid, tg_call_clock_signal(), value);
}

static void kill_call(struct tg_worker_slot *slot, const struct tg_call_moment *moment)
{
    const struct tg_page_row *row = &slot->workers->options.page->rows[slot->index];
    const struct tg_gateway_row *gateway = &row->gateways.rows[moment->gateway];

    TG_LOG_ERROR("a call into a gateway can't be stopped, killing its worker",
                 "process=%s pid=%d gateway=%s generation=%s budget_ms=%" PRIu32, slot->process,
                 (int)slot->child.pid, gateway->name, gateway->generation, moment->budget_ms);
    (void)kill(slot->child.pid, SIGKILL);
    slot->overrun = (struct tg_overrun){0};
}

/* Whether the worker is in a call. */
static bool watch_call(struct tg_worker_slot *slot, uint64_t elapsed_ms)
{
    const struct tg_page_row *row = &slot->workers->options.page->rows[slot->index];
    struct tg_call_moment moment;
    struct tg_overrun_sample sample = {.elapsed_ms = elapsed_ms};

    if (!tg_call_clock_read(&row->calls, &moment)) {
        return true;
    }
    if (moment.sequence % 2 == 0) {
        return false;
    }
    if (moment.gateway >= TG_GATEWAY_ROWS_MAX ||
        tg_watchdog_read_cpu(slot->child.pid, &sample.cpu_us) != TG_OK) {
        return true;
    }
    sample.sequence = moment.sequence;
    sample.budget_ms = moment.budget_ms;
    switch (tg_overrun_judge(&slot->overrun, &sample)) {
    case TG_OVERRUN_FINE:
        break;
    case TG_OVERRUN_STOP:
        stop_call(slot, moment.sequence);
        break;
    case TG_OVERRUN_KILL:
        kill_call(slot, &moment);
        break;
    }
    return true;
}

void tg_workers_watch_calls(struct tg_workers *workers)
{
    uint64_t elapsed_ms;
    bool is_inside = false;

    if (!tg_overrun_tick(&workers->call_clock, now_ms(), &elapsed_ms)) {
        return;
    }
    for (uint32_t i = 0; i < workers->count; i++) {
        if (workers->slots[i].child.pid > 0 && watch_call(&workers->slots[i], elapsed_ms)) {
            is_inside = true;
        }
    }
    tg_overrun_plan(&workers->call_clock, now_ms(), is_inside);
}

uint64_t tg_workers_wait_ms(const struct tg_workers *workers)
{
    uint64_t now = now_ms();
    uint64_t due = workers->clock.due_ms;
    uint64_t call_due = workers->call_clock.due_ms;

    for (uint32_t i = 0; i < workers->count; i++) {
        if (!workers->slots[i].has_served || workers->slots[i].child.pid == 0) {
            return LOOK_MS;
        }
    }
    if (workers->mesh.untold_count > 0) {
        return LOOK_MS;
    }
    due = call_due < due ? call_due : due;
    return due > now ? due - now : 0;
}

uint64_t tg_workers_calls_wait_ms(const struct tg_workers *workers)
{
    uint64_t now = now_ms();
    uint64_t due = workers->call_clock.due_ms;

    return due > now ? due - now : 0;
}
