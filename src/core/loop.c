/* SPDX-License-Identifier: MIT */
/* A turn of libuv is: its timers, prepare, wait for descriptors and call their callbacks, check.
 *
 *   on_alarm     (timer)    the wheel's time has come: advance it
 *   on_prepare              on_turn for what timers and signals left; arm the alarm; rest
 *   descriptors' callbacks  ours, and those of libraries that run in this loop
 *   on_check                advance the wheel; on_turn
 *
 * The wheel's now must be fresh in descriptors' callbacks, since deadlines are counted from it; but
 * libuv offers no hook between the end of a wait and the first callback, and those of libraries
 * don't pass through here. So libuv itself never waits for longer than REST_MS, and when a wait of
 * that length brought nothing, the next one is done here, in on_prepare: it ends with the wheel
 * advanced, and libuv's own wait then returns at once. In a callback the wheel's now is thus at
 * most REST_MS and the turn so far old. A busy loop never rests and pays nothing. */
#include "core/loop.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include <uv.h>

#include "base/check.h"
#include "base/err.h"

enum { REST_MS = 5, SIGNALS_MAX = 8, CLOSE_TURNS_MAX = 64 };

struct signal_handler {
    uv_signal_t handle;
    struct tg_loop *loop;
    tg_signal_fn on_signal;
    void *self;
};

struct tg_loop {
    uv_loop_t uv;
    uv_timer_t alarm;
    uv_prepare_t prepare;
    uv_check_t check;
    struct signal_handler signals[SIGNALS_MAX];
    uint32_t signal_count;
    struct tg_wheel wheel;
    uint64_t prepared_ms; /* when this turn's wait began */
    bool is_quiet;        /* the last wait brought nothing */
    bool is_stopping;
    tg_loop_fn on_turn;
    void *self;
};

struct tg_watch {
    uv_poll_t handle;
    tg_loop_fn on_readable;
    tg_loop_fn on_writable; /* NULL: nobody wants to know */
    void *self;
    bool is_paused;
};

static void end_turn(struct tg_loop *loop)
{
    tg_wheel_advance(&loop->wheel, uv_now(&loop->uv));
    if (loop->on_turn) {
        loop->on_turn(loop->self);
    }
}

static void on_alarm(uv_timer_t *alarm)
{
    struct tg_loop *loop = alarm->data;

    tg_wheel_advance(&loop->wheel, uv_now(&loop->uv));
}

static void arm(struct tg_loop *loop, uint64_t longest_ms)
{
    uint64_t wait = tg_wheel_wait_ms(&loop->wheel);
    /* The wheel counts from its own now, libuv from the loop's. */
    uint64_t passed = uv_now(&loop->uv) - loop->wheel.now_ms;

    wait = wait > passed ? wait - passed : 0;
    (void)uv_timer_start(&loop->alarm, on_alarm, wait < longest_ms ? wait : longest_ms, 0);
}

/* Waits like libuv would, then brings the wheel's now up to date. */
static void rest(struct tg_loop *loop)
{
    struct pollfd ready = {.fd = uv_backend_fd(&loop->uv), .events = POLLIN};

    arm(loop, INT_MAX);
    /* 0 also when descriptors wait to be passed on to the kernel (our own wait would not see them),
     * handles to be closed, or nothing is left to wait for. */
    int wait = uv_backend_timeout(&loop->uv);
    if (wait == 0) {
        return;
    }
    /* Interrupted by a signal is as good as an end: the loop turns and comes back. */
    (void)poll(&ready, 1, wait);
    uv_update_time(&loop->uv);
    end_turn(loop);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct tg_loop *loop = prepare->data;

    uv_update_time(&loop->uv);
    end_turn(loop);
    if (loop->is_quiet && !loop->is_stopping) {
        rest(loop);
    }
    arm(loop, REST_MS);
    loop->prepared_ms = uv_now(&loop->uv);
}

static void on_check(uv_check_t *check)
{
    struct tg_loop *loop = check->data;

    /* An event would have ended the wait before its time, or left the loop's time behind. */
    loop->is_quiet = uv_now(&loop->uv) >= loop->prepared_ms + REST_MS;
    end_turn(loop);
}

static void walk_close(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

struct tg_loop *tg_loop_create(void)
{
    struct tg_loop *loop = calloc(1, sizeof(*loop));

    if (!loop) {
        return NULL;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return NULL;
    }
    /* None of these fails: they only link the handle into the loop. */
    (void)uv_timer_init(&loop->uv, &loop->alarm);
    (void)uv_prepare_init(&loop->uv, &loop->prepare);
    (void)uv_check_init(&loop->uv, &loop->check);
    loop->alarm.data = loop;
    loop->prepare.data = loop;
    loop->check.data = loop;
    (void)uv_prepare_start(&loop->prepare, on_prepare);
    (void)uv_check_start(&loop->check, on_check);
    /* They don't keep the loop alive: what tg_loop_step answers is about the others. */
    uv_unref((uv_handle_t *)&loop->alarm);
    uv_unref((uv_handle_t *)&loop->prepare);
    uv_unref((uv_handle_t *)&loop->check);
    tg_wheel_init(&loop->wheel, uv_now(&loop->uv));
    return loop;
}

void tg_loop_destroy(struct tg_loop *loop)
{
    if (!loop) {
        return;
    }
    loop->on_turn = NULL;
    (void)uv_prepare_stop(&loop->prepare);
    (void)uv_check_stop(&loop->check);
    uv_walk(&loop->uv, walk_close, NULL);
    for (int i = 0; i < CLOSE_TURNS_MAX && uv_run(&loop->uv, UV_RUN_NOWAIT) != 0; i++) {
    }
    if (tg_check(uv_loop_close(&loop->uv) == 0)) {
        free(loop);
    }
}

void tg_loop_run(struct tg_loop *loop)
{
    /* A loop that has nothing but the wheel runs too. */
    uv_ref((uv_handle_t *)&loop->prepare);
    while (!loop->is_stopping) {
        (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    uv_unref((uv_handle_t *)&loop->prepare);
    loop->is_stopping = false;
}

void tg_loop_stop(struct tg_loop *loop)
{
    loop->is_stopping = true;
    uv_stop(&loop->uv);
}

bool tg_loop_step(struct tg_loop *loop)
{
    return uv_run(&loop->uv, UV_RUN_ONCE) != 0;
}

struct tg_wheel *tg_loop_wheel(struct tg_loop *loop)
{
    return &loop->wheel;
}

uint64_t tg_loop_now_ms(const struct tg_loop *loop)
{
    return uv_now(&loop->uv);
}

void tg_loop_on_turn(struct tg_loop *loop, tg_loop_fn on_turn, void *self)
{
    loop->on_turn = on_turn;
    loop->self = self;
}

/* The descriptor is readable or writable, has ended or has failed: which of the last two is for
 * the reader to find out. The reader may stop the watch or its own wish to write. */
static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct tg_watch *watch = handle->data;

    if (!watch->is_paused && (status < 0 || (events & UV_READABLE))) {
        watch->on_readable(watch->self);
    }
    if ((events & UV_WRITABLE) && watch->on_writable && !uv_is_closing((uv_handle_t *)handle)) {
        watch->on_writable(watch->self);
    }
}

/* Asks the kernel for what the watch wants to know now. */
static int apply_wishes(struct tg_watch *watch)
{
    int events = (watch->is_paused ? 0 : UV_READABLE) | (watch->on_writable ? UV_WRITABLE : 0);

    return events ? uv_poll_start(&watch->handle, events, on_poll) : uv_poll_stop(&watch->handle);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct tg_watch *tg_watch_start(struct tg_loop *loop, int fd, tg_loop_fn on_readable, void *self)
{
    struct tg_watch *watch = calloc(1, sizeof(*watch));

    if (!watch) {
        return NULL;
    }
    if (uv_poll_init(&loop->uv, &watch->handle, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->handle.data = watch;
    watch->on_readable = on_readable;
    watch->self = self;
    if (apply_wishes(watch) != 0) {
        tg_watch_stop(watch);
        return NULL;
    }
    return watch;
}

void tg_watch_pause(struct tg_watch *watch, bool paused)
{
    watch->is_paused = paused;
    (void)tg_check(apply_wishes(watch) == 0);
}

void tg_watch_want_write(struct tg_watch *watch, tg_loop_fn on_writable)
{
    watch->on_writable = on_writable;
    (void)tg_check(apply_wishes(watch) == 0);
}

void tg_watch_stop(struct tg_watch *watch)
{
    if (watch) {
        uv_close((uv_handle_t *)&watch->handle, on_watch_closed);
    }
}

static void on_uv_signal(uv_signal_t *handle, int signal)
{
    struct signal_handler *handler = handle->data;

    handler->on_signal(handler->self, signal);
}

int tg_loop_on_signal(struct tg_loop *loop, int signal, tg_signal_fn on_signal, void *self)
{
    if (loop->signal_count == SIGNALS_MAX) {
        return TG_ERR_FULL;
    }
    struct signal_handler *handler = &loop->signals[loop->signal_count];
    if (uv_signal_init(&loop->uv, &handler->handle) != 0) {
        return TG_ERR_UNAVAILABLE;
    }
    loop->signal_count++;
    handler->handle.data = handler;
    handler->on_signal = on_signal;
    handler->self = self;
    if (uv_signal_start(&handler->handle, on_uv_signal, signal) != 0) {
        return TG_ERR_INVALID;
    }
    /* Waiting for a signal is no reason to stay. */
    uv_unref((uv_handle_t *)&handler->handle);
    return TG_OK;
}

void *tg_loop_native(struct tg_loop *loop)
{
    return &loop->uv;
}
