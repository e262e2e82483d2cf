/* SPDX-License-Identifier: MIT */
/* Three workers in one loop, with a mailbox between every two: real sockets, fake houses. */
#ifndef TG_TEST_FAKE_WORKERS_H
#define TG_TEST_FAKE_WORKERS_H

#include "fake_house.h"

#include "cluster/cluster.h"
#include "core/loop.h"

enum { FAKE_WORKERS = 3, FAKE_STEPS_MAX = 20000, FAKE_STRANGER = 9 /* a slot */ };

struct fake_worker {
    struct fake_house *house;
    struct tg_cluster *cluster; /* NULL: it does not live */
    struct tg_conn conns[2];    /* both in the tenant acme and in the lobby */
    uint32_t lost;
    uint32_t lost_slot;
    int lost_err;
    bool is_still; /* its turns do not end: nothing is flushed */
};

struct fake_workers {
    struct tg_loop *loop;
    struct fake_worker workers[FAKE_WORKERS];
    int idle[2]; /* a pipe that keeps the loop going */
    struct tg_watch *idle_watch;
    struct tg_timer tick; /* every millisecond, so that no step of the loop waits for longer */
    uint32_t answers;
    uint64_t count; /* this and the next of the last answer */
    bool is_partial;
    char ids[512];
    size_t ids_length;
};

/* A test's set_up and tear_down. */
int fake_workers_set_up(void **state);
int fake_workers_tear_down(void **state);

void fake_workers_start(struct fake_workers *f, uint32_t slot);
void fake_worker_stop(struct fake_worker *worker);
void fake_workers_join(struct fake_workers *f, uint32_t a, uint32_t b);

/* A peer of the worker that does what the test does with the socket that is given. */
int fake_worker_attach_stranger(struct fake_worker *worker);

struct tg_audience fake_lobby(void);

/* Returns what tg_publish returns. */
int fake_worker_publish(struct fake_worker *worker, struct tg_audience audience, const char *text);

/* Asks about the lobby; returns what ask returns. */
int fake_workers_ask(struct fake_workers *f, uint32_t slot, enum tg_question_kind kind,
                     uint64_t *id);

/* Frames that the worker's j-th client has got. */
uint32_t fake_worker_frames(struct fake_worker *worker, int j);

/* Until both clients of the worker have got that many frames, and no more. */
void fake_workers_run_until(struct fake_workers *f, struct fake_worker *worker, uint32_t frames);
void fake_workers_run_until_answers(struct fake_workers *f, uint32_t answers);

/* Lets things settle when nothing is to be waited for. */
void fake_workers_run(struct fake_workers *f);

#endif
