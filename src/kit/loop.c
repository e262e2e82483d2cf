/* SPDX-License-Identifier: MIT */
#include "kit/loop.h"

#include <poll.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"

struct tg_watch {
    struct tg_link link; /* in the loop's watches */
    int fd;
    tg_loop_fn on_readable;
    tg_loop_fn on_writable; /* NULL: not wanted */
    void *self;
    bool is_paused;
};

struct tg_loop {
    struct tg_wheel *wheel;
    struct tg_link watches;
    bool is_held;
};

struct tg_loop *tg_loop_over(struct tg_wheel *wheel)
{
    struct tg_loop *loop = calloc(1, sizeof(*loop));

    if (loop) {
        loop->wheel = wheel;
        tg_link_init(&loop->watches);
    }
    return loop;
}

void tg_loop_destroy(struct tg_loop *loop)
{
    if (loop) {
        (void)tg_check(tg_link_is_alone(&loop->watches));
        free(loop);
    }
}

struct tg_wheel *tg_loop_wheel(struct tg_loop *loop)
{
    return loop->wheel;
}

uint64_t tg_loop_now_ms(const struct tg_loop *loop)
{
    return loop->wheel->now_ms;
}

void tg_loop_hold(struct tg_loop *loop, bool is_held)
{
    loop->is_held = is_held;
}

/* The watch may be gone afterwards, so one callback is made and not two. */
static bool serve(struct tg_watch *watch)
{
    struct pollfd ready = {.fd = watch->fd};

    if (!watch->is_paused) {
        ready.events |= POLLIN;
    }
    if (watch->on_writable) {
        ready.events |= POLLOUT;
    }
    if (ready.events == 0 || poll(&ready, 1, 0) <= 0) {
        return false;
    }
    if (!watch->is_paused && (ready.revents & (POLLIN | POLLHUP | POLLERR))) {
        watch->on_readable(watch->self);
        return true;
    }
    if (watch->on_writable && (ready.revents & POLLOUT)) {
        watch->on_writable(watch->self);
        return true;
    }
    return false;
}

bool tg_loop_poll(struct tg_loop *loop)
{
    struct tg_link turn;
    struct tg_link *link;
    bool was_ready = false;

    if (loop->is_held) {
        return false;
    }
    tg_link_init(&turn);
    tg_list_move(&loop->watches, &turn);
    while ((link = tg_list_take_first(&turn))) {
        tg_list_append(&loop->watches, link);
        was_ready = serve(TG_CONTAINER(link, struct tg_watch, link)) || was_ready;
    }
    return was_ready;
}

struct tg_watch *tg_watch_start(struct tg_loop *loop, int fd, tg_loop_fn on_readable, void *self)
{
    struct tg_watch *watch = calloc(1, sizeof(*watch));

    if (watch) {
        watch->fd = fd;
        watch->on_readable = on_readable;
        watch->self = self;
        tg_link_init(&watch->link);
        tg_list_append(&loop->watches, &watch->link);
    }
    return watch;
}

void tg_watch_pause(struct tg_watch *watch, bool paused)
{
    watch->is_paused = paused;
}

void tg_watch_want_write(struct tg_watch *watch, tg_loop_fn on_writable)
{
    watch->on_writable = on_writable;
}

void tg_watch_stop(struct tg_watch *watch)
{
    if (watch) {
        tg_link_remove(&watch->link);
        free(watch);
    }
}
