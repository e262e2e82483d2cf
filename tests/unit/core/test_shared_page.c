/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "core/shared_page.h"

enum { TRIES = 20000, CAP = 5000, NAP_US = 200000 };

struct fixture {
    struct tg_page *page;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->page = tg_page_create(3);
    assert_non_null(f->page);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_page_destroy(f->page);
    free(f);
    return 0;
}

static void assert_exits_well(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_new_page_is_all_zeroes(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->page->worker_count, 3);
    assert_int_equal(tg_page_seats(f->page), 0);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        assert_int_equal(atomic_load(&f->page->rows[i].phase), TG_WORKER_STARTING);
        assert_int_equal(tg_row_read(&f->page->rows[i], TG_PAGE_COUNTERS_MAX - 1), 0);
    }
    tg_page_destroy(NULL);
}

static void the_cap_spans_all_rows(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_page_reserve(f->page, 0, 3), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 1, 3), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 2, 3), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 0, 3), TG_ERR_FULL);
    assert_int_equal(tg_page_seats(f->page), 3);
    tg_page_release(f->page, 1);
    assert_int_equal(tg_page_reserve(f->page, 0, 3), TG_OK);
    assert_int_equal(atomic_load(&f->page->rows[0].seats), 2);
    assert_int_equal(atomic_load(&f->page->rows[1].seats), 0);
}

static void zero_is_no_cap(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(tg_page_reserve(f->page, 2, 0), TG_OK);
    }
    assert_int_equal(tg_page_seats(f->page), 1000);
}

static void a_seat_that_nobody_has_is_not_given_back(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_page_reserve(f->page, 0, 0), TG_OK);
    tg_page_release(f->page, 1);
    assert_int_equal(tg_page_seats(f->page), 1);
}

static void a_reset_row_keeps_its_counters_alone(void **state)
{
    struct fixture *f = *state;
    struct tg_page_row *row = &f->page->rows[1];

    assert_int_equal(tg_page_reserve(f->page, 1, 0), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 2, 0), TG_OK);
    atomic_store(&row->phase, TG_WORKER_SERVING);
    atomic_store(&row->heartbeat_ms, 5);
    atomic_store(&row->pid, 6);
    tg_row_add(row, 7, 8);
    tg_page_reset_row(f->page, 1);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(atomic_load(&row->phase), TG_WORKER_STARTING);
    assert_int_equal(atomic_load(&row->heartbeat_ms), 0);
    assert_int_equal(atomic_load(&row->pid), 0);
    assert_int_equal(tg_row_read(row, 7), 8);
}

static void counters_rise_and_gauges_are_set(void **state)
{
    struct fixture *f = *state;

    tg_row_add(&f->page->rows[0], 3, 2);
    tg_row_add(&f->page->rows[0], 3, 5);
    tg_row_set(&f->page->rows[0], 4, 9);
    tg_row_set(&f->page->rows[0], 4, 1);
    assert_int_equal(tg_row_read(&f->page->rows[0], 3), 7);
    assert_int_equal(tg_row_read(&f->page->rows[0], 4), 1);
    assert_int_equal(tg_row_read(&f->page->rows[1], 3), 0);
}

/* In a child: reserves and releases at random, and exits with 0 when the sum never passed the cap.
 * It keeps what it holds at the end. */
static void race(struct tg_page *page, uint32_t row, uint32_t seed)
{
    uint32_t held = 0;

    while (tg_page_seats(page) == 0) {
        usleep(10); /* the parent holds a seat when all may start */
    }
    for (int i = 0; i < TRIES; i++) {
        seed = seed * 1664525 + 1013904223;
        if (tg_page_reserve(page, row, CAP) == TG_OK) {
            held++;
        }
        if (tg_page_seats(page) > CAP) {
            _exit(1);
        }
        if (held > 0 && seed >> 30 == 0) {
            tg_page_release(page, row);
            held--;
        }
    }
    _exit(atomic_load(&page->rows[row].seats) == held ? 0 : 2);
}

static void racing_processes_never_pass_the_cap(void **state)
{
    struct fixture *f = *state;
    pid_t children[2];

    for (uint32_t i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            race(f->page, i + 1, i);
        }
    }
    assert_int_equal(tg_page_reserve(f->page, 0, CAP), TG_OK);
    assert_exits_well(children[0]);
    assert_exits_well(children[1]);
    print_message("%d tries each, %llu seats of %d taken\n", TRIES,
                  (unsigned long long)tg_page_seats(f->page), CAP);
    /* Far more was asked for than there is: the last seat is taken or was given back last. */
    assert_in_range(tg_page_seats(f->page), CAP - 2, CAP);
    while (tg_page_reserve(f->page, 0, CAP) == TG_OK) {
    }
    assert_int_equal(tg_page_seats(f->page), CAP);
}

static void racing_processes_get_exactly_as_many_seats_as_there_are(void **state)
{
    struct fixture *f = *state;
    pid_t children[2];

    for (uint32_t i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            int got = 0;
            for (int n = 0; n < TRIES; n++) {
                got += tg_page_reserve(f->page, i + 1, CAP) == TG_OK;
            }
            _exit(atomic_load(&f->page->rows[i + 1].seats) == (uint32_t)got ? 0 : 1);
        }
    }
    assert_exits_well(children[0]);
    assert_exits_well(children[1]);
    assert_int_equal(tg_page_seats(f->page), CAP);
}

static void a_process_killed_with_the_mutex_blocks_nobody(void **state)
{
    struct fixture *f = *state;
    int pipes[2];
    char octet;
    int status = 0;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (pthread_mutex_lock(&f->page->reserving) == 0 && write(pipes[1], "x", 1) == 1) {
            pause();
        }
        _exit(1);
    }
    assert_int_equal(read(pipes[0], &octet, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    alarm(10); /* a mutex that stays locked ends this program */
    assert_int_equal(tg_page_reserve(f->page, 0, 2), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 1, 2), TG_OK);
    assert_int_equal(tg_page_reserve(f->page, 1, 2), TG_ERR_FULL);
    alarm(0);
    close(pipes[0]);
    close(pipes[1]);
}

/* The one that waits for the mutex while its owner is killed is the one that repairs it. */
static void a_process_that_waits_for_a_killed_one_goes_on(void **state)
{
    struct fixture *f = *state;
    int pipes[2];
    char octet;

    assert_int_equal(pipe(pipes), 0);
    pid_t owner = fork();
    assert_true(owner >= 0);
    if (owner == 0) {
        if (pthread_mutex_lock(&f->page->reserving) == 0 && write(pipes[1], "x", 1) == 1) {
            pause();
        }
        _exit(1);
    }
    assert_int_equal(read(pipes[0], &octet, 1), 1);
    pid_t waiter = fork();
    assert_true(waiter >= 0);
    if (waiter == 0) {
        alarm(10);
        _exit(tg_page_reserve(f->page, 1, 1) == TG_OK ? 0 : 1);
    }
    usleep(NAP_US);
    assert_int_equal(tg_page_seats(f->page), 0);
    assert_int_equal(kill(owner, SIGKILL), 0);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    assert_exits_well(waiter);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(tg_page_reserve(f->page, 0, 1), TG_ERR_FULL);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_new_page_is_all_zeroes),
        TEST(the_cap_spans_all_rows),
        TEST(zero_is_no_cap),
        TEST(a_seat_that_nobody_has_is_not_given_back),
        TEST(a_reset_row_keeps_its_counters_alone),
        TEST(counters_rise_and_gauges_are_set),
        TEST(racing_processes_never_pass_the_cap),
        TEST(racing_processes_get_exactly_as_many_seats_as_there_are),
        TEST(a_process_killed_with_the_mutex_blocks_nobody),
        TEST(a_process_that_waits_for_a_killed_one_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
