/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "watchdog.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { START = 1000000, TICK = TG_WATCHDOG_TICK_MS };

struct fixture {
    struct tg_watchdog_clock clock;
    struct tg_watchdog watchdog;
    uint64_t cpu_ms;
    uint64_t heartbeat_ms;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.heartbeat_ms = START};
    *state = &fixture;
    return 0;
}

/* A tick after elapsed_ms, in which the worker ran for cpu_ms. True while it is taken to live. */
static bool sample(struct fixture *f, uint64_t elapsed_ms, uint64_t cpu_ms)
{
    f->cpu_ms += cpu_ms;
    struct tg_watchdog_sample tick = {f->heartbeat_ms, f->cpu_ms, elapsed_ms};
    return tg_watchdog_judge(&f->watchdog, &tick);
}

/* How many milliseconds of ticks it takes until it is given up. */
static uint64_t live(struct fixture *f, uint64_t elapsed_ms, uint64_t cpu_ms)
{
    uint64_t silent_ms = 0;

    while (sample(f, elapsed_ms, cpu_ms)) {
        silent_ms += elapsed_ms;
        assert_true(silent_ms < 100000);
    }
    return silent_ms + elapsed_ms;
}

static void a_worker_with_a_heartbeat_lives(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        f->heartbeat_ms += TICK;
        assert_true(sample(f, TICK, TICK));
    }
}

static void one_that_runs_without_a_heartbeat_is_dead_after_10_s(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 5000));
    assert_int_equal(live(f, TICK, TICK), TG_WATCHDOG_SILENT_MS);
}

static void one_that_hardly_ran_gets_30_s(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 5000));
    assert_int_equal(live(f, TICK, 0), TG_WATCHDOG_SILENT_MAX_MS);
}

static void a_starved_one_gets_until_it_has_run_for_a_second(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 5000));
    /* 20 ms in each half second: after 25 s it has run for one. */
    assert_int_equal(live(f, TICK, 20), 25000);
}

static void a_heartbeat_begins_it_all_anew(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 0));
    for (uint64_t ms = 0; ms + TICK < TG_WATCHDOG_SILENT_MS; ms += TICK) {
        assert_true(sample(f, TICK, TICK));
    }
    f->heartbeat_ms++;
    assert_true(sample(f, TICK, TICK));
    assert_int_equal(live(f, TICK, TICK), TG_WATCHDOG_SILENT_MS);
}

static void late_ticks_judge_nobody_and_count_for_nothing(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 0));
    for (int i = 0; i < 1000; i++) {
        assert_true(sample(f, 0, 10000));
    }
    assert_int_equal(live(f, TICK, TICK), TG_WATCHDOG_SILENT_MS);
}

static void a_cpu_clock_that_went_back_has_not_run(void **state)
{
    struct fixture *f = *state;

    assert_true(sample(f, TICK, 5000));
    f->cpu_ms = 0;
    assert_int_equal(live(f, TICK, 0), TG_WATCHDOG_SILENT_MAX_MS);
}

static void ticks_come_at_their_interval(void **state)
{
    struct fixture *f = *state;
    uint64_t elapsed = 7;

    assert_int_equal(tg_watchdog_tick(&f->clock, START, &elapsed), TG_WATCHDOG_LATE);
    assert_int_equal(elapsed, 0);
    assert_int_equal(tg_watchdog_tick(&f->clock, START + TICK - 1, &elapsed), TG_WATCHDOG_EARLY);
    assert_int_equal(tg_watchdog_tick(&f->clock, START + TICK + 3, &elapsed), TG_WATCHDOG_IN_TIME);
    assert_int_equal(elapsed, TICK + 3);
    assert_int_equal(f->clock.due_ms, START + 2 * TICK + 3);
}

static void a_tick_that_is_over_100_ms_late_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t elapsed = 7;
    uint64_t now = START;

    assert_int_equal(tg_watchdog_tick(&f->clock, now, &elapsed), TG_WATCHDOG_LATE);
    now += TICK + TG_WATCHDOG_LATE_MS;
    assert_int_equal(tg_watchdog_tick(&f->clock, now, &elapsed), TG_WATCHDOG_IN_TIME);
    assert_int_equal(elapsed, TICK + TG_WATCHDOG_LATE_MS);
    now += TICK + TG_WATCHDOG_LATE_MS + 1;
    assert_int_equal(tg_watchdog_tick(&f->clock, now, &elapsed), TG_WATCHDOG_LATE);
    assert_int_equal(elapsed, 0);
    now += TICK;
    assert_int_equal(tg_watchdog_tick(&f->clock, now, &elapsed), TG_WATCHDOG_IN_TIME);
    assert_int_equal(elapsed, TICK);
}

static void the_cpu_clock_of_another_process_is_read(void **state)
{
    uint64_t first = 0;
    uint64_t later = 0;

    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(20);
        for (volatile unsigned i = 0;; i++) {
        }
    }
    assert_int_equal(tg_watchdog_read_cpu(child, &first), TG_OK);
    for (int i = 0; i < 500 && later < first + 50000; i++) {
        usleep(10000);
        assert_int_equal(tg_watchdog_read_cpu(child, &later), TG_OK);
    }
    assert_in_range(later, first + 50000, first + 6000000);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(tg_watchdog_read_cpu(child, &later), TG_ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_worker_with_a_heartbeat_lives),
        TEST(one_that_runs_without_a_heartbeat_is_dead_after_10_s),
        TEST(one_that_hardly_ran_gets_30_s),
        TEST(a_starved_one_gets_until_it_has_run_for_a_second),
        TEST(a_heartbeat_begins_it_all_anew),
        TEST(late_ticks_judge_nobody_and_count_for_nothing),
        TEST(a_cpu_clock_that_went_back_has_not_run),
        TEST(ticks_come_at_their_interval),
        TEST(a_tick_that_is_over_100_ms_late_is_told),
        TEST(the_cpu_clock_of_another_process_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
