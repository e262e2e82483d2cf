/* SPDX-License-Identifier: MIT */
#include "kit/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_memory.h"

struct fixture {
    struct tg_wheel wheel;
    struct tg_loop *loop;
    int ends[2]; /* a pipe: what is read, what is written */
    struct tg_watch *watch;
    int readable;
    int writable;
    bool stops_itself;
};

static void on_readable(void *self)
{
    struct fixture *f = self;

    f->readable++;
    if (f->stops_itself) {
        tg_watch_stop(f->watch);
        f->watch = NULL;
    }
}

static void on_writable(void *self)
{
    struct fixture *f = self;

    f->writable++;
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.readable = 0};
    tg_wheel_init(&fixture.wheel, 77);
    fixture.loop = tg_loop_over(&fixture.wheel);
    *state = &fixture;
    return fixture.loop ? pipe(fixture.ends) : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_watch_stop(f->watch);
    tg_loop_destroy(f->loop);
    close(f->ends[0]);
    return close(f->ends[1]);
}

static void time_is_the_wheels(void **state)
{
    struct fixture *f = *state;

    assert_ptr_equal(tg_loop_wheel(f->loop), &f->wheel);
    assert_int_equal(tg_loop_now_ms(f->loop), 77);
}

static void a_descriptor_is_served_while_it_is_ready(void **state)
{
    struct fixture *f = *state;
    char octet;

    f->watch = tg_watch_start(f->loop, f->ends[0], on_readable, f);
    assert_false(tg_loop_poll(f->loop));
    assert_int_equal(write(f->ends[1], "x", 1), 1);
    assert_true(tg_loop_poll(f->loop));
    assert_true(tg_loop_poll(f->loop));
    assert_int_equal(f->readable, 2);
    assert_int_equal(read(f->ends[0], &octet, 1), 1);
    assert_false(tg_loop_poll(f->loop));
}

static void a_paused_one_is_not(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->ends[0], on_readable, f);
    assert_int_equal(write(f->ends[1], "x", 1), 1);
    tg_watch_pause(f->watch, true);
    assert_false(tg_loop_poll(f->loop));
    tg_watch_pause(f->watch, false);
    assert_true(tg_loop_poll(f->loop));
}

static void a_held_loop_serves_nobody(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->ends[0], on_readable, f);
    assert_int_equal(write(f->ends[1], "x", 1), 1);
    tg_loop_hold(f->loop, true);
    assert_false(tg_loop_poll(f->loop));
    tg_loop_hold(f->loop, false);
    assert_true(tg_loop_poll(f->loop));
    assert_int_equal(f->readable, 1);
}

static void who_wants_to_write_is_told(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->ends[1], on_readable, f);
    assert_false(tg_loop_poll(f->loop));
    tg_watch_want_write(f->watch, on_writable);
    assert_true(tg_loop_poll(f->loop));
    tg_watch_want_write(f->watch, NULL);
    assert_false(tg_loop_poll(f->loop));
    assert_int_equal(f->writable, 1);
    assert_int_equal(f->readable, 0);
}

static void an_end_is_told_as_readable(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->ends[0], on_readable, f);
    close(f->ends[1]);
    assert_true(tg_loop_poll(f->loop));
    assert_int_equal(f->readable, 1);
    f->ends[1] = dup(f->ends[0]);
}

static void a_watch_may_stop_itself(void **state)
{
    struct fixture *f = *state;

    f->stops_itself = true;
    f->watch = tg_watch_start(f->loop, f->ends[0], on_readable, f);
    assert_int_equal(write(f->ends[1], "x", 1), 1);
    assert_true(tg_loop_poll(f->loop));
    assert_false(tg_loop_poll(f->loop));
    assert_int_equal(f->readable, 1);
}

static void without_memory_nothing_is_made(void **state)
{
    struct fixture *f = *state;

    fake_memory_fail_after(0);
    assert_null(tg_loop_over(&f->wheel));
    fake_memory_fail_after(0);
    assert_null(tg_watch_start(f->loop, f->ends[0], on_readable, f));
    assert_true(fake_memory_heal());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_is_the_wheels),         TEST(a_descriptor_is_served_while_it_is_ready),
        TEST(a_paused_one_is_not),        TEST(a_held_loop_serves_nobody),
        TEST(who_wants_to_write_is_told), TEST(an_end_is_told_as_readable),
        TEST(a_watch_may_stop_itself),    TEST(without_memory_nothing_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
