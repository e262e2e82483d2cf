/* SPDX-License-Identifier: MIT */
#include "kit/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_memory.h"

static const char LOG_MODULE[] = "test";

static int set_up(void **state)
{
    static struct tg_capture capture;

    tg_capture_init(&capture);
    tg_log_set_process("worker-1");
    tg_capture_start(&capture, TG_LOG_LEVEL_INFO);
    *state = &capture;
    return 0;
}

static int tear_down(void **state)
{
    tg_capture_stop();
    tg_capture_fini(*state);
    return 0;
}

static void lines_are_kept_without_the_time(void **state)
{
    const struct tg_capture *capture = *state;
    static const char wanted[] = "info worker-1 test n=1 \"one\"\n"
                                 "error worker-1 test n=2 \"two\"\n";

    TG_LOG_INFO("one", "n=%d", 1);
    TG_LOG_DEBUG("not at this level", "n=%d", 0);
    TG_LOG_ERROR("two", "n=%d", 2);
    assert_int_equal(capture->lines.length, strlen(wanted));
    assert_memory_equal(capture->lines.at, wanted, strlen(wanted));
    assert_int_equal(capture->lost, 0);
}

static void lines_without_room_are_counted(void **state)
{
    struct tg_capture *capture = *state;

    fake_memory_fail_after(0);
    TG_LOG_INFO("one", "n=%d", 1);
    assert_true(fake_memory_heal());
    assert_int_equal(capture->lost, 1);
    assert_int_equal(capture->lines.length, 0);
    TG_LOG_INFO("two", "n=%d", 2);
    assert_int_equal(capture->lines.length, strlen("info worker-1 test n=2 \"two\"\n"));
}

static void the_last_one_started_gets_the_lines(void **state)
{
    struct tg_capture *first = *state;
    struct tg_capture second;

    tg_capture_init(&second);
    tg_capture_start(&second, TG_LOG_LEVEL_ERROR);
    TG_LOG_INFO("not at this level", "n=%d", 0);
    TG_LOG_ERROR("here", "n=%d", 1);
    assert_int_equal(first->lines.length, 0);
    assert_true(second.lines.length > 0);
    tg_capture_fini(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_kept_without_the_time),
        TEST(lines_without_room_are_counted),
        TEST(the_last_one_started_gets_the_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
