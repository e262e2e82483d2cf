/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "core/loop.h"

enum { GUARD_MS = 10000 };

/* What callbacks find out, for the test to judge. */
struct fixture {
    struct tg_loop *loop;
    int pipe[2];
    struct tg_watch *watch;
    struct tg_timer timer;
    struct tg_timer other;
    struct tg_timer guard;
    int readings;
    int writings;
    int turns;
    int dirty_readings; /* that found what on_turn should have cleaned */
    bool is_dirty;
    int signal;
    uint64_t at_ms;
    uint64_t set_ms;
    uint64_t stale_ms; /* how far the wheel was behind the clock */
};

static uint64_t clock_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

/* A test that hangs ends here, with its assertions still to come. */
static void on_guard(struct tg_timer *timer)
{
    tg_loop_stop(TG_CONTAINER(timer, struct fixture, guard)->loop);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->loop = tg_loop_create();
    assert_non_null(f->loop);
    assert_int_equal(pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC), 0);
    tg_timer_init(&f->guard, on_guard);
    tg_timer_set(tg_loop_wheel(f->loop), &f->guard, clock_ms() + GUARD_MS);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_watch_stop(f->watch);
    tg_loop_destroy(f->loop);
    close(f->pipe[0]);
    close(f->pipe[1]);
    free(f);
    return 0;
}

static void set_in(struct fixture *f, struct tg_timer *timer, tg_timer_fn on_due, uint64_t ms)
{
    tg_timer_init(timer, on_due);
    tg_timer_set(tg_loop_wheel(f->loop), timer, tg_loop_now_ms(f->loop) + ms);
}

static void on_due_stop(struct tg_timer *timer)
{
    struct fixture *f = TG_CONTAINER(timer, struct fixture, timer);

    f->at_ms = clock_ms();
    tg_loop_stop(f->loop);
}

static void drain(struct fixture *f)
{
    char octets[16];

    while (read(f->pipe[0], octets, sizeof(octets)) > 0) {
    }
}

/* A child that writes one octet later. */
static pid_t write_in(struct fixture *f, unsigned ms)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        usleep(ms * 1000);
        _exit(write(f->pipe[1], "x", 1) == 1 ? 0 : 1);
    }
    return child;
}

static void a_timer_runs_a_loop_that_has_nothing_else(void **state)
{
    struct fixture *f = *state;
    uint64_t start = tg_loop_now_ms(f->loop);

    set_in(f, &f->timer, on_due_stop, 120);
    tg_loop_run(f->loop);
    /* The loop's clock may be the kernel's coarse one, a tick behind. */
    assert_in_range(f->at_ms - start, 119, 2000);
}

static void on_due_count(struct tg_timer *timer)
{
    struct fixture *f = TG_CONTAINER(timer, struct fixture, timer);

    if (++f->readings == 20) {
        tg_loop_stop(f->loop);
    } else {
        set_in(f, timer, on_due_count, 0);
    }
}

static void timers_set_for_now_run_without_waiting(void **state)
{
    struct fixture *f = *state;
    uint64_t start = clock_ms();

    set_in(f, &f->timer, on_due_count, 0);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 20);
    assert_in_range(clock_ms() - start, 0, 2000);
}

static void a_stop_before_the_run_ends_it_at_once(void **state)
{
    struct fixture *f = *state;
    uint64_t start = tg_loop_now_ms(f->loop);

    tg_loop_stop(f->loop);
    tg_loop_run(f->loop);
    assert_in_range(clock_ms() - start, 0, 2000);
    /* The next run is a whole one. */
    set_in(f, &f->timer, on_due_stop, 50);
    tg_loop_run(f->loop);
    assert_in_range(f->at_ms - start, 49, 3000);
}

static void on_readable_count(void *self)
{
    struct fixture *f = self;

    f->readings++;
}

static void a_descriptor_is_told_of_while_it_is_readable_and_not_when_paused(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_count, f);
    assert_non_null(f->watch);
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->readings > 1);

    tg_watch_pause(f->watch, true);
    f->readings = 0;
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 0);

    tg_watch_pause(f->watch, false);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->readings > 1);
}

static void on_readable_stop_watch(void *self)
{
    struct fixture *f = self;

    f->readings++;
    tg_watch_stop(f->watch);
    f->watch = NULL;
}

static void a_watch_may_stop_itself(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_stop_watch, f);
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 1);
}

/* Until the pipe takes no more. */
static void fill(struct fixture *f)
{
    char octets[4096] = {0};

    while (write(f->pipe[1], octets, sizeof(octets)) > 0) {
    }
}

static void on_writable_count(void *self)
{
    struct fixture *f = self;

    f->writings++;
}

static void a_descriptor_is_told_of_while_it_takes_octets_and_somebody_wants_to_know(void **state)
{
    struct fixture *f = *state;

    f->watch = tg_watch_start(f->loop, f->pipe[1], on_readable_count, f);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->writings, 0);

    fill(f);
    tg_watch_want_write(f->watch, on_writable_count);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->writings, 0);

    drain(f);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->writings > 1);

    tg_watch_want_write(f->watch, NULL);
    f->writings = 0;
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->writings, 0);
    assert_int_equal(f->readings, 0);
}

static void reading_and_writing_are_told_apart_also_when_one_of_them_rests(void **state)
{
    struct fixture *f = *state;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    f->watch = tg_watch_start(f->loop, pair[0], on_readable_count, f);
    tg_watch_want_write(f->watch, on_writable_count);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->readings > 1 && f->writings > 1);

    tg_watch_pause(f->watch, true);
    f->readings = f->writings = 0;
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->readings == 0 && f->writings > 1);

    tg_watch_want_write(f->watch, NULL);
    tg_watch_pause(f->watch, false);
    f->readings = f->writings = 0;
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_true(f->readings > 1 && f->writings == 0);
    tg_watch_stop(f->watch);
    f->watch = NULL;
    close(pair[0]);
    close(pair[1]);
}

/* Both are ready in one wait; the reader ends the watch. */
static void after_the_reader_has_stopped_the_watch_the_writer_is_not_called(void **state)
{
    struct fixture *f = *state;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    f->watch = tg_watch_start(f->loop, pair[0], on_readable_stop_watch, f);
    tg_watch_want_write(f->watch, on_writable_count);
    set_in(f, &f->timer, on_due_stop, 30);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 1);
    assert_int_equal(f->writings, 0);
    close(pair[0]);
    close(pair[1]);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    struct fixture *f = *state;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_null(tg_watch_start(f->loop, -1, on_readable_count, f));
    assert_null(tg_watch_start(f->loop, file, on_readable_count, f));
    tg_watch_stop(NULL);
    close(file);
}

static void on_readable_look_at_the_time(void *self)
{
    struct fixture *f = self;

    f->stale_ms = clock_ms() - tg_loop_wheel(f->loop)->now_ms;
    f->set_ms = clock_ms();
    drain(f);
    f->readings++;
    /* What a deadline that is counted from the wheel's now comes to. */
    tg_timer_init(&f->timer, on_due_stop);
    tg_timer_set(tg_loop_wheel(f->loop), &f->timer, tg_loop_wheel(f->loop)->now_ms + 300);
}

static void after_a_long_sleep_the_wheel_is_fresh_in_a_descriptors_callback(void **state)
{
    struct fixture *f = *state;
    pid_t child = write_in(f, 400);

    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_look_at_the_time, f);
    tg_loop_run(f->loop);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(f->readings, 1);
    /* 5 promised; the rest is for a busy machine, and far from the 400 slept. */
    assert_in_range(f->stale_ms, 0, 200);
    assert_in_range(f->at_ms - f->set_ms, 100, 3000);
}

static void on_turn_count(void *self)
{
    struct fixture *f = self;

    f->turns++;
}

static void an_idle_loop_sleeps(void **state)
{
    struct fixture *f = *state;

    tg_loop_on_turn(f->loop, on_turn_count, f);
    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_count, f);
    set_in(f, &f->timer, on_due_stop, 400);
    tg_loop_run(f->loop);
    assert_in_range(f->turns, 1, 20);
}

static void on_readable_dirty(void *self)
{
    struct fixture *f = self;

    f->dirty_readings += f->is_dirty;
    f->is_dirty = true;
    if (++f->readings == 50) {
        drain(f);
    }
}

static void on_due_dirty(struct tg_timer *timer)
{
    struct fixture *f = TG_CONTAINER(timer, struct fixture, other);

    f->is_dirty = true;
    set_in(f, timer, on_due_dirty, 3);
}

static void on_turn_clean(void *self)
{
    struct fixture *f = self;

    f->is_dirty = false;
}

static void on_due_judge(struct tg_timer *timer)
{
    struct fixture *f = TG_CONTAINER(timer, struct fixture, timer);

    f->at_ms = clock_ms();
    tg_loop_stop(f->loop);
}

static void every_turn_ends_with_on_turn(void **state)
{
    struct fixture *f = *state;

    tg_loop_on_turn(f->loop, on_turn_clean, f);
    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_dirty, f);
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    set_in(f, &f->other, on_due_dirty, 1);
    set_in(f, &f->timer, on_due_judge, 100);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 50);
    assert_int_equal(f->dirty_readings, 0);
    tg_timer_cancel(tg_loop_wheel(f->loop), &f->other);
}

static void on_readable_stop(void *self)
{
    struct fixture *f = self;

    f->at_ms = clock_ms();
    f->readings++;
    tg_loop_stop(f->loop);
}

static void on_due_start_watch(struct tg_timer *timer)
{
    struct fixture *f = TG_CONTAINER(timer, struct fixture, timer);

    f->set_ms = clock_ms();
    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_stop, f);
}

/* The kernel hears of a new descriptor only at libuv's next wait. */
static void a_watch_that_a_timer_starts_is_seen_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    set_in(f, &f->timer, on_due_start_watch, 100);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 1);
    assert_in_range(f->at_ms - f->set_ms, 0, 1000);
}

/* The second call comes after a first wait that brought nothing: the loop is about to sleep. */
static void on_turn_start_watch(void *self)
{
    struct fixture *f = self;

    if (++f->turns == 2) {
        f->set_ms = clock_ms();
        f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_stop, f);
    }
}

static void a_watch_that_on_turn_starts_is_seen_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    tg_loop_on_turn(f->loop, on_turn_start_watch, f);
    tg_loop_run(f->loop);
    assert_int_equal(f->readings, 1);
    assert_in_range(f->at_ms - f->set_ms, 0, 1000);
}

static void on_signal(void *self, int signal)
{
    struct fixture *f = self;

    f->signal = signal;
    tg_loop_stop(f->loop);
}

static void a_signal_is_told_in_the_loop_also_when_it_sleeps(void **state)
{
    struct fixture *f = *state;
    uint64_t start = clock_ms();
    pid_t parent = getpid();

    assert_int_equal(tg_loop_on_signal(f->loop, SIGUSR1, on_signal, f), TG_OK);
    assert_int_equal(tg_loop_on_signal(f->loop, SIGUSR2, on_signal, f), TG_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        usleep(100000);
        _exit(kill(parent, SIGUSR2));
    }
    tg_loop_run(f->loop);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(f->signal, SIGUSR2);
    assert_in_range(clock_ms() - start, 90, 3000);
}

static void a_loop_takes_eight_signals(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 8; i++) {
        assert_int_equal(tg_loop_on_signal(f->loop, SIGRTMIN + i, on_signal, f), TG_OK);
    }
    assert_int_equal(tg_loop_on_signal(f->loop, SIGUSR1, on_signal, f), TG_ERR_FULL);
}

static void stepping_ends_when_no_watch_is_left(void **state)
{
    struct fixture *f = *state;

    assert_false(tg_loop_step(f->loop));
    f->watch = tg_watch_start(f->loop, f->pipe[0], on_readable_count, f);
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    for (int i = 0; i < 100 && f->readings == 0; i++) {
        assert_true(tg_loop_step(f->loop));
    }
    assert_int_equal(f->readings, 1);
    tg_watch_stop(f->watch);
    f->watch = NULL;
    bool is_alive = true;
    for (int i = 0; i < 10 && is_alive; i++) {
        is_alive = tg_loop_step(f->loop);
    }
    assert_false(is_alive);
    tg_loop_destroy(NULL);
}

static void the_native_loop_is_there_for_libraries(void **state)
{
    struct fixture *f = *state;

    assert_non_null(tg_loop_native(f->loop));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_timer_runs_a_loop_that_has_nothing_else),
        TEST(timers_set_for_now_run_without_waiting),
        TEST(a_stop_before_the_run_ends_it_at_once),
        TEST(a_descriptor_is_told_of_while_it_is_readable_and_not_when_paused),
        TEST(a_watch_may_stop_itself),
        TEST(a_descriptor_is_told_of_while_it_takes_octets_and_somebody_wants_to_know),
        TEST(reading_and_writing_are_told_apart_also_when_one_of_them_rests),
        TEST(after_the_reader_has_stopped_the_watch_the_writer_is_not_called),
        TEST(what_cannot_be_watched_is_refused),
        TEST(after_a_long_sleep_the_wheel_is_fresh_in_a_descriptors_callback),
        TEST(an_idle_loop_sleeps),
        TEST(every_turn_ends_with_on_turn),
        TEST(a_watch_that_a_timer_starts_is_seen_at_once),
        TEST(a_watch_that_on_turn_starts_is_seen_at_once),
        TEST(a_signal_is_told_in_the_loop_also_when_it_sleeps),
        TEST(a_loop_takes_eight_signals),
        TEST(stepping_ends_when_no_watch_is_left),
        TEST(the_native_loop_is_there_for_libraries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
