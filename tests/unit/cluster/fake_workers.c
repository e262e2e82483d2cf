/* SPDX-License-Identifier: MIT */
#include "fake_workers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hub/publish.h"
#include "hub/room.h"

static void on_idle(void *self)
{
    (void)self;
    fail_msg("the idle pipe is readable");
}

static void on_tick(struct tg_timer *timer)
{
    struct tg_wheel *wheel = tg_loop_wheel(TG_CONTAINER(timer, struct fake_workers, tick)->loop);

    tg_timer_set(wheel, timer, wheel->now_ms + 1);
}

static void on_lost(void *self, uint32_t slot, int err)
{
    struct fake_worker *worker = self;

    worker->lost++;
    worker->lost_slot = slot;
    worker->lost_err = err;
}

/* What a worker's turn ends with: ends, clients' queues, mail. */
static void on_turn(void *self)
{
    struct fake_workers *f = self;

    for (int i = 0; i < FAKE_WORKERS; i++) {
        struct fake_worker *worker = &f->workers[i];
        if (!worker->cluster || worker->is_still) {
            continue;
        }
        tg_hub_turn(&worker->house->hub);
        for (int j = 0; j < 2; j++) {
            if (worker->conns[j].client) {
                fake_conn_drain(&worker->conns[j]);
            }
        }
        tg_cluster_flush(worker->cluster);
    }
}

void fake_workers_start(struct fake_workers *f, uint32_t slot)
{
    struct fake_worker *worker = &f->workers[slot];
    struct tg_cluster_options options = {f->loop, NULL, slot, on_lost, worker};

    worker->house = fake_house_create(NULL);
    worker->house->hub.boot = slot + 1;
    options.hub = &worker->house->hub;
    worker->cluster = tg_cluster_create(&options);
    assert_non_null(worker->cluster);
    for (int j = 0; j < 2; j++) {
        fake_house_join(worker->house, &worker->conns[j], "acme");
        worker->conns[j].written.limit = 64 << 20;
        assert_int_equal(tg_room_join(worker->conns[j].client, TG_STR("lobby")), TG_OK);
    }
}

void fake_worker_stop(struct fake_worker *worker)
{
    tg_cluster_destroy(worker->cluster);
    worker->cluster = NULL;
    for (int j = 0; j < 2; j++) {
        fake_conn_lose(&worker->conns[j]);
    }
    fake_house_destroy(worker->house);
}

void fake_workers_join(struct fake_workers *f, uint32_t a, uint32_t b)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(tg_cluster_attach(f->workers[a].cluster, b, pair[0]), TG_OK);
    assert_int_equal(tg_cluster_attach(f->workers[b].cluster, a, pair[1]), TG_OK);
}

int fake_worker_attach_stranger(struct fake_worker *worker)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(tg_cluster_attach(worker->cluster, FAKE_STRANGER, pair[0]), TG_OK);
    return pair[1];
}

int fake_workers_set_up(void **state)
{
    struct fake_workers *f = calloc(1, sizeof(*f));

    f->loop = tg_loop_create();
    assert_int_equal(pipe2(f->idle, O_CLOEXEC), 0);
    f->idle_watch = tg_watch_start(f->loop, f->idle[0], on_idle, f);
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        fake_workers_start(f, i);
        for (uint32_t j = 0; j < i; j++) {
            fake_workers_join(f, i, j);
        }
    }
    tg_loop_on_turn(f->loop, on_turn, f);
    tg_timer_init(&f->tick, on_tick);
    on_tick(&f->tick);
    *state = f;
    return 0;
}

int fake_workers_tear_down(void **state)
{
    struct fake_workers *f = *state;

    for (int i = 0; i < FAKE_WORKERS; i++) {
        if (f->workers[i].cluster) {
            fake_worker_stop(&f->workers[i]);
        }
    }
    tg_timer_cancel(tg_loop_wheel(f->loop), &f->tick);
    assert_int_equal(tg_loop_wheel(f->loop)->count, 0);
    tg_watch_stop(f->idle_watch);
    tg_loop_destroy(f->loop);
    close(f->idle[0]);
    close(f->idle[1]);
    free(f);
    return 0;
}

struct tg_audience fake_lobby(void)
{
    return (struct tg_audience){TG_STR("chat"), TG_STR("acme"), TG_STR("lobby")};
}

int fake_worker_publish(struct fake_worker *worker, struct tg_audience audience, const char *text)
{
    struct tg_publication publication = {audience, tg_frame_of(TG_OPCODE_TEXT, tg_str_of(text))};
    int err = tg_publish(&worker->house->hub, tg_cluster_bus(worker->cluster), &publication, NULL);

    tg_frame_unref(publication.frame);
    return err;
}

static void on_answers(void *self, const struct tg_answers *answers)
{
    struct fake_workers *f = self;

    f->answers++;
    f->count = answers->count;
    f->is_partial = answers->is_partial;
    f->ids_length = answers->ids.length;
    assert_true(f->ids_length <= sizeof(f->ids));
    if (f->ids_length > 0) {
        memcpy(f->ids, answers->ids.at, f->ids_length);
    }
}

int fake_workers_ask(struct fake_workers *f, uint32_t slot, enum tg_question_kind kind,
                     uint64_t *id)
{
    const struct tg_bus *bus = tg_cluster_bus(f->workers[slot].cluster);
    struct tg_question question = {kind, fake_lobby(), on_answers, f};

    return bus->ask(bus->self, &question, id);
}

uint32_t fake_worker_frames(struct fake_worker *worker, int j)
{
    return fake_conn_frames(&worker->conns[j]);
}

void fake_workers_run_until(struct fake_workers *f, struct fake_worker *worker, uint32_t frames)
{
    for (int i = 0; i < FAKE_STEPS_MAX && fake_worker_frames(worker, 0) < frames; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(fake_worker_frames(worker, 0), frames);
    assert_int_equal(fake_worker_frames(worker, 1), frames);
}

void fake_workers_run_until_answers(struct fake_workers *f, uint32_t answers)
{
    for (int i = 0; i < FAKE_STEPS_MAX && f->answers < answers; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(f->answers, answers);
}

void fake_workers_run(struct fake_workers *f)
{
    for (int i = 0; i < 20; i++) {
        (void)tg_loop_step(f->loop);
    }
}
