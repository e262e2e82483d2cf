/* SPDX-License-Identifier: MIT */
/* Mirrors worker/worker.c: descriptors, then ends and clients' queues until both have nothing to
 * do, then mail. */
#include "kit/sim_worker.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "kit/line.h"
#include "kit/loop.h"

enum { PROCESS_NAME_BYTES = 32, ROUNDS_MAX = 16 };

/* --- the bus, with a fault --- */

static int publish(void *self, const struct tg_publication *publication)
{
    struct tg_sim_worker *worker = self;
    const struct tg_bus *bus = tg_cluster_bus(worker->cluster);

    if (worker->refusals > 0) {
        worker->refusals--;
        return TG_ERR_UNAVAILABLE;
    }
    return bus->publish(bus->self, publication);
}

static int ask(void *self, const struct tg_question *question, uint64_t *id)
{
    struct tg_sim_worker *worker = self;
    const struct tg_bus *bus = tg_cluster_bus(worker->cluster);

    return bus->ask(bus->self, question, id);
}

static void cancel(void *self, uint64_t id)
{
    struct tg_sim_worker *worker = self;
    const struct tg_bus *bus = tg_cluster_bus(worker->cluster);

    bus->cancel(bus->self, id);
}

static bool is_alone(void *self)
{
    struct tg_sim_worker *worker = self;
    const struct tg_bus *bus = tg_cluster_bus(worker->cluster);

    return bus->is_alone(bus->self);
}

/* --- life --- */

/* A worker has ended, which cluster has logged. The app starts another in its place. */
static void on_lost(void *self, uint32_t slot, int err)
{
    (void)self;
    (void)slot;
    (void)err;
}

/* The delay is over. */
static void on_release(struct tg_timer *timer)
{
    struct tg_sim_worker *worker = TG_CONTAINER(timer, struct tg_sim_worker, release);

    tg_loop_hold(worker->loop, false);
}

static int make_hub(struct tg_sim_worker *worker, const struct tg_sim_worker_options *options,
                    struct tg_errmsg *msg)
{
    struct tg_hub_options hub = {
        .config = options->config,
        .page = options->page,
        .row_index = options->slot,
        .wheel = options->wheel,
        .clock = options->clock,
        .transport = tg_line_transport(),
        .bus = &worker->bus,
        .seed = options->seed,
        .line_count = options->coverage,
    };
    return tg_hub_init(&worker->hub, &hub, msg);
}

int tg_sim_worker_init(struct tg_sim_worker *worker, const struct tg_sim_worker_options *options,
                       struct tg_errmsg *msg)
{
    struct tg_cluster_options cluster = {NULL, &worker->hub, options->slot, on_lost, worker};

    *worker = (struct tg_sim_worker){.slot = options->slot, .faults = options->faults};
    worker->bus = (struct tg_bus){publish, ask, cancel, is_alone, worker};
    tg_link_init(&worker->readable);
    tg_link_init(&worker->dirty);
    tg_timer_init(&worker->release, on_release);
    int err = make_hub(worker, options, msg);
    if (err) {
        return err;
    }
    worker->generations = tg_generations_create(&worker->hub);
    if (!worker->generations) {
        goto err_after_hub;
    }
    worker->loop = tg_loop_over(options->wheel);
    if (!worker->loop) {
        goto err_after_generations;
    }
    cluster.loop = worker->loop;
    worker->cluster = tg_cluster_create(&cluster);
    if (!worker->cluster) {
        goto err_after_loop;
    }
    worker->is_running = true;
    return TG_OK;

err_after_loop:
    tg_loop_destroy(worker->loop);
err_after_generations:
    tg_generations_destroy(worker->generations);
err_after_hub:
    tg_hub_fini(&worker->hub);
    return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
}

void tg_sim_worker_fini(struct tg_sim_worker *worker)
{
    if (!worker->is_running) {
        return;
    }
    worker->is_running = false;
    tg_timer_cancel(worker->hub.wheel, &worker->release);
    /* Alone from here on: scripts that go cancel their questions at a bus that is still there. */
    worker->hub.bus = tg_bus_alone();
    tg_cluster_destroy(worker->cluster);
    worker->cluster = NULL;
    tg_generations_destroy(worker->generations);
    tg_hub_fini(&worker->hub);
    tg_loop_destroy(worker->loop);
    worker->loop = NULL;
}

int tg_sim_worker_join(struct tg_sim_worker *one, struct tg_sim_worker *other)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        return TG_ERR_IO;
    }
    int err = tg_cluster_attach(one->cluster, other->slot, pair[0]);
    if (err) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        return err;
    }
    err = tg_cluster_attach(other->cluster, one->slot, pair[1]);
    if (err) {
        tg_cluster_detach(one->cluster, other->slot);
        (void)close(pair[1]);
    }
    return err;
}

void tg_sim_worker_delay_mail(struct tg_sim_worker *worker, uint64_t ms)
{
    struct tg_wheel *wheel = worker->hub.wheel;

    tg_loop_hold(worker->loop, true);
    tg_timer_set(wheel, &worker->release, wheel->now_ms + ms);
}

/* --- a turn --- */

static bool read_lines(struct tg_sim_worker *worker)
{
    struct tg_link now;
    struct tg_link *link;
    bool has_read = false;

    tg_link_init(&now);
    tg_list_move(&worker->readable, &now);
    while ((link = tg_list_take_first(&now))) {
        tg_line_read(TG_CONTAINER(link, struct tg_conn, readable));
        has_read = true;
    }
    return has_read;
}

static bool flush_lines(struct tg_sim_worker *worker)
{
    struct tg_link now;
    struct tg_link *link;
    bool has_flushed = false;

    tg_link_init(&now);
    tg_list_move(&worker->dirty, &now);
    while ((link = tg_list_take_first(&now))) {
        tg_line_flush(TG_CONTAINER(link, struct tg_conn, dirty));
        has_flushed = true;
    }
    return has_flushed;
}

bool tg_sim_worker_turn(struct tg_sim_worker *worker)
{
    char name[PROCESS_NAME_BYTES];
    bool was_busy;

    (void)snprintf(name, sizeof(name), "worker-%u", worker->slot + 1);
    tg_log_set_process(name);
    was_busy = tg_loop_poll(worker->loop);
    was_busy = read_lines(worker) || was_busy;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        bool has_ends = !tg_link_is_alone(&worker->hub.ending);
        tg_hub_turn(&worker->hub);
        if (!flush_lines(worker) && !has_ends) {
            break;
        }
        was_busy = true;
    }
    tg_cluster_flush(worker->cluster);
    return was_busy;
}
