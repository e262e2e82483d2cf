/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "child.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { START = 5000 };

struct fixture {
    struct tg_child child;
    struct tg_errmsg msg;
    sigset_t mask;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    *state = &fixture;
    return sigprocmask(SIG_SETMASK, NULL, &fixture.mask);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    return sigprocmask(SIG_SETMASK, &fixture->mask, NULL);
}

static int give_seven(void *self)
{
    return *(int *)self;
}

/* What a child must find: nothing blocked, SIGINT and SIGHUP ignored, the death signal set. */
static int look_around(void *self)
{
    sigset_t blocked;
    struct sigaction action;
    int number = 0;

    (void)self;
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    if (sigismember(&blocked, SIGTERM) || sigismember(&blocked, SIGCHLD)) {
        return 1;
    }
    if (sigaction(SIGINT, NULL, &action) != 0 || action.sa_handler != SIG_IGN) {
        return 2;
    }
    if (sigaction(SIGHUP, NULL, &action) != 0 || action.sa_handler != SIG_IGN) {
        return 3;
    }
    if (sigaction(SIGTERM, NULL, &action) != 0 || action.sa_handler != SIG_DFL) {
        return 4;
    }
    return prctl(PR_GET_PDEATHSIG, &number) == 0 && number == SIGKILL ? 0 : 5;
}

static int run_and_wait(struct fixture *fixture, int (*run)(void *self), void *self)
{
    struct tg_child_options options = {
        .process = "test", .death_signal = SIGKILL, .run = run, .self = self};
    int status = 0;

    assert_int_equal(tg_child_start(&fixture->child, &options, START, &fixture->msg), TG_OK);
    assert_true(fixture->child.pid > 0);
    assert_int_equal(fixture->child.started_ms, START);
    assert_int_equal(waitpid(fixture->child.pid, &status, 0), fixture->child.pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_run_returns_is_the_exit_status(void **state)
{
    int seven = 7;

    assert_int_equal(run_and_wait(*state, give_seven, &seven), 7);
}

static void a_child_finds_its_signals_in_order(void **state)
{
    sigset_t blocked;

    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGCHLD);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
    assert_int_equal(run_and_wait(*state, look_around, NULL), 0);
}

static void one_that_lived_long_enough_is_replaced_at_once(void **state)
{
    struct fixture *fixture = *state;

    fixture->child = (struct tg_child){.pid = 1, .started_ms = START};
    tg_child_ended(&fixture->child, START + TG_CHILD_EARLY_MS);
    assert_int_equal(fixture->child.pid, 0);
    assert_true(tg_child_is_due(&fixture->child, START + TG_CHILD_EARLY_MS));
}

static void one_that_runs_is_never_due(void **state)
{
    struct fixture *fixture = *state;

    fixture->child = (struct tg_child){.pid = 1, .started_ms = START};
    assert_false(tg_child_is_due(&fixture->child, UINT64_MAX));
}

static void dying_early_again_and_again_takes_longer_and_longer_up_to_a_bound(void **state)
{
    static const uint64_t delays[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    struct fixture *fixture = *state;
    uint64_t now = START;

    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        fixture->child.pid = 1;
        fixture->child.started_ms = now;
        now += TG_CHILD_EARLY_MS - 1;
        tg_child_ended(&fixture->child, now);
        assert_false(tg_child_is_due(&fixture->child, now + delays[i] - 1));
        assert_true(tg_child_is_due(&fixture->child, now + delays[i]));
        now += delays[i];
    }
}

static void a_long_life_makes_early_deaths_forgotten(void **state)
{
    struct fixture *fixture = *state;

    fixture->child = (struct tg_child){.pid = 1, .started_ms = START, .delay_ms = 5000};
    tg_child_ended(&fixture->child, START + 60000);
    assert_int_equal(fixture->child.delay_ms, 0);
    fixture->child.pid = 1;
    fixture->child.started_ms = START + 60000;
    tg_child_ended(&fixture->child, START + 60001);
    assert_int_equal(fixture->child.delay_ms, TG_CHILD_DELAY_MIN_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_run_returns_is_the_exit_status),
        TEST(a_child_finds_its_signals_in_order),
        TEST(one_that_lived_long_enough_is_replaced_at_once),
        TEST(one_that_runs_is_never_due),
        TEST(dying_early_again_and_again_takes_longer_and_longer_up_to_a_bound),
        TEST(a_long_life_makes_early_deaths_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
