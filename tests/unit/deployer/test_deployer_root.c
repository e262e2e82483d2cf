/* SPDX-License-Identifier: MIT */
/* Folders and roots that are missing, and the end of a deployer. */
#include "fake_supervisor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

static void one_that_comes_back_in_time_is_not_gone(void **state)
{
    struct fake_supervisor *f = *state;

    f->config.deploy_remove_after_ms = 2500;
    fake_supervisor_start_with_both_live(f);
    fake_supervisor_move(f, "root/chat", "away");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_move(f, "away", "root/chat");
    assert_false(fake_supervisor_take(f, 2600));
}

static void without_a_root_nothing_is_gone(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_move(f, "root", "away");
    fake_supervisor_expect_root(f, "No such file or directory");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_expect_quiet(f);
    fake_supervisor_move(f, "away", "root");
    fake_supervisor_expect_root(f, "");
    fake_supervisor_expect_quiet(f);
}

static void a_root_that_lost_all_gateways_at_once_loses_none(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_folder(&f->disk, "empty");
    fake_supervisor_move(f, "root", "away");
    fake_supervisor_move(f, "empty", "root");
    fake_supervisor_expect_root(f, "no gateway is in it any more, and 2 live from it");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_expect_quiet(f);
    fake_supervisor_move(f, "away/echo", "root/echo");
    fake_supervisor_expect_root(f, "");
    fake_supervisor_expect(f, TG_DEPLOY_GONE, "chat");
}

static void a_root_that_is_a_link_may_be_led_elsewhere(void **state)
{
    struct fake_supervisor *f = *state;

    fake_disk_folder(&f->disk, "next");
    fake_disk_folder(&f->disk, "next/chat");
    fake_disk_folder(&f->disk, "next/echo");
    fake_disk_write(&f->disk, "next/chat/gateway.lua", "return { path = '/chat', events = {} }");
    fake_disk_write(&f->disk, "next/echo/gateway.lua", "return { path = '/echo', events = {} }");
    fake_disk_link(&f->disk, "root", "current");
    fake_supervisor_give_root(f, "current");
    fake_supervisor_start_with_both_live(f);
    fake_disk_link(&f->disk, "next", "new");
    fake_supervisor_move(f, "new", "current");
    fake_supervisor_expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_CANDIDATE);
    fake_supervisor_expect_quiet(f);
}

static void a_scan_is_answered_without_a_root_while_a_folder_was_moving(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_write_gateway(f, "chat", "second");
    assert_false(fake_supervisor_take(f, 100));
    fake_supervisor_move(f, "root", "away");
    fake_supervisor_expect_root(f, "No such file or directory");
    fake_supervisor_ask(f, 3);
    fake_supervisor_expect_scanned(f, 3);
    fake_supervisor_move(f, "away", "root");
    fake_supervisor_expect_root(f, "");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
}

/* Of the process. */
static long cpu_ms(const struct fake_supervisor *f)
{
    clockid_t clock;
    struct timespec spent;

    assert_int_equal(clock_getcpuclockid(f->child, &clock), 0);
    assert_int_equal(clock_gettime(clock, &spent), 0);
    return spent.tv_sec * 1000 + spent.tv_nsec / 1000000;
}

/* Nor does it look again and again, with nothing done of what it has heard. */
static void while_the_server_drains_nothing_is_deployed(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    atomic_store(&f->page->is_draining, 1);
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect_quiet(f);
    long before = cpu_ms(f);
    fake_supervisor_expect_quiet(f);
    assert_in_range(cpu_ms(f) - before, 0, FAKE_SUPERVISOR_QUIET_MS / 5);
}

static void it_ends_when_all_leave_and_not_before(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    assert_int_equal(kill(f->child, SIGTERM), 0);
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
    atomic_store(&f->page->is_leaving, 1);
    assert_int_equal(kill(f->child, SIGTERM), 0);
    assert_int_equal(fake_supervisor_wait_for_end(f), 0);
}

static void it_ends_when_nobody_takes_what_it_tells(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    (void)close(f->control);
    f->control = -1;
    assert_int_equal(fake_supervisor_wait_for_end(f), 1);
}

static void a_gateway_that_is_gone_is_told(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_move(f, "root/chat", "away");
    fake_supervisor_expect(f, TG_DEPLOY_GONE, "chat");
    fake_supervisor_move(f, "away", "root/chat");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT,
                           "chat"); /* nothing is wrong: it is live still, nobody removed it */
}

static void a_fault_goes_with_its_folder(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_make_gateway(f, "talk");
    fake_disk_write(&f->disk, "root/talk/gateway.lua", "error('no')");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "talk");
    fake_supervisor_move(f, "root/talk", "away");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "talk");
    assert_string_equal(f->note.fault.text, "");
    fake_supervisor_expect_quiet(f);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_supervisor_set_up, fake_supervisor_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_comes_back_in_time_is_not_gone),
        TEST(without_a_root_nothing_is_gone),
        TEST(a_root_that_lost_all_gateways_at_once_loses_none),
        TEST(a_root_that_is_a_link_may_be_led_elsewhere),
        TEST(a_scan_is_answered_without_a_root_while_a_folder_was_moving),
        TEST(while_the_server_drains_nothing_is_deployed),
        TEST(it_ends_when_all_leave_and_not_before),
        TEST(it_ends_when_nobody_takes_what_it_tells),
        TEST(a_gateway_that_is_gone_is_told),
        TEST(a_fault_goes_with_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
