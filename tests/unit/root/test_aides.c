/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "child.c"

#include "aides.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { NAP_US = 2000, PATIENCE_MS = 10000 };

struct fixture {
    struct tg_aides aides;
    struct tg_errmsg msg;
    int starts; /* of the second one */
    int started;
    int refusals; /* that its on_start is to make */
};

/* What an aide does here: waits to be ended. */
static int run(void *self)
{
    (void)self;
    (void)pause();
    return 0;
}

static int on_start(void *self, struct tg_errmsg *msg)
{
    struct fixture *f = self;

    f->starts++;
    return f->refusals-- > 0 ? tg_errmsg_set(msg, TG_ERR_IO, "no socket") : TG_OK;
}

static void on_started(void *self)
{
    struct fixture *f = self;

    f->started++;
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.starts = 0};
    tg_aides_add(&fixture.aides, &(struct tg_aide){.process = "one", .run = run});
    tg_aides_add(&fixture.aides, &(struct tg_aide){.process = "two",
                                                   .run = run,
                                                   .on_start = on_start,
                                                   .on_started = on_started,
                                                   .self = &fixture});
    *state = &fixture;
    return 0;
}

/* Waits for one, and tells of it as the supervisor does. */
static struct tg_aide *reap(struct fixture *f)
{
    int status = 0;
    struct tg_aide *aide = tg_aides_find(&f->aides, waitpid(-1, &status, 0));

    assert_non_null(aide);
    assert_true(WIFSIGNALED(status));
    tg_child_ended(&aide->child, now_ms());
    return aide;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_aides_signal(&f->aides, SIGKILL);
    while (tg_aides_has_running(&f->aides)) {
        (void)reap(f);
    }
    return 0;
}

static void replace_until_all_run(struct fixture *f)
{
    uint64_t end = now_ms() + PATIENCE_MS;

    while (tg_aides_has_missing(&f->aides)) {
        assert_true(now_ms() < end);
        tg_aides_replace(&f->aides);
        usleep(NAP_US);
    }
}

static void all_are_started(void **state)
{
    struct fixture *f = *state;

    assert_false(tg_aides_has_running(&f->aides));
    assert_true(tg_aides_has_missing(&f->aides));
    assert_int_equal(tg_aides_start(&f->aides, &f->msg), TG_OK);
    assert_true(tg_aides_has_running(&f->aides));
    assert_false(tg_aides_has_missing(&f->aides));
    assert_int_equal(f->starts, 1);
    assert_int_equal(f->started, 1);
    assert_null(tg_aides_find(&f->aides, getpid()));
}

static void one_that_ends_is_replaced(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_aides_start(&f->aides, &f->msg), TG_OK);
    pid_t before = f->aides.list[1].child.pid;
    assert_int_equal(kill(before, SIGKILL), 0);
    assert_ptr_equal(reap(f), &f->aides.list[1]);
    assert_null(tg_aides_find(&f->aides, before));
    assert_true(tg_aides_has_missing(&f->aides));
    assert_true(tg_aides_has_running(&f->aides));
    replace_until_all_run(f);
    assert_int_not_equal(f->aides.list[1].child.pid, before);
    assert_int_equal(f->starts, 2);
}

static void what_it_needs_and_can_not_have_stops_the_start(void **state)
{
    struct fixture *f = *state;

    f->refusals = 1;
    assert_int_equal(tg_aides_start(&f->aides, &f->msg), TG_ERR_IO);
    assert_string_equal(f->msg.text, "no socket");
    assert_int_equal(f->started, 0);
}

static void later_it_is_tried_again(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_aides_start(&f->aides, &f->msg), TG_OK);
    assert_int_equal(kill(f->aides.list[1].child.pid, SIGKILL), 0);
    (void)reap(f);
    f->refusals = 2;
    replace_until_all_run(f);
    assert_int_equal(f->starts, 4);
    assert_int_equal(f->started, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_are_started),
        TEST(one_that_ends_is_replaced),
        TEST(what_it_needs_and_can_not_have_stops_the_start),
        TEST(later_it_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
