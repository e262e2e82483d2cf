/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define GOOD "00-" TRACE "-00f067aa0ba902b7-01"

static int read_trace(const char *text)
{
    char trace[33];

    return tg_trace_read(tg_str_of(text), trace);
}

static void a_good_traceparent_gives_its_trace_id(void **state)
{
    char trace[33];

    (void)state;
    assert_int_equal(tg_trace_read(TG_STR(GOOD), trace), TG_OK);
    assert_string_equal(trace, TRACE);
}

static void a_later_version_may_go_on_behind_a_dash(void **state)
{
    (void)state;
    assert_int_equal(read_trace("01"
                                "-" TRACE "-00f067aa0ba902b7-01"),
                     TG_OK);
    assert_int_equal(read_trace("01-" TRACE "-00f067aa0ba902b7-01-what"), TG_OK);
    assert_int_equal(read_trace("01-" TRACE "-00f067aa0ba902b7-01what"), TG_ERR_SYNTAX);
}

static void a_bad_traceparent_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "00",
        "00-" TRACE "-00f067aa0ba902b7-0",
        "00-" TRACE "-00f067aa0ba902b7-01-",
        "00-" TRACE "-00f067aa0ba902b7-01 ",
        "ff-" TRACE "-00f067aa0ba902b7-01",
        "0g-" TRACE "-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" TRACE "-0000000000000000-01",
        "00_" TRACE "-00f067aa0ba902b7-01",
        "00-" TRACE "_00f067aa0ba902b7-01",
        "00-" TRACE "-00f067aa0ba902b7_01",
        "00-" TRACE "-00f067aa0ba902bZ-01",
        "00-" TRACE "-00f067aa0ba902b7-0x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(read_trace(bad[i]), TG_ERR_SYNTAX);
    }
}

static void the_trace_is_inherited_and_the_span_is_its_own(void **state)
{
    struct tg_trace first;
    struct tg_trace second;
    struct tg_rand rand;

    (void)state;
    tg_rand_seed_kernel(&rand);
    tg_trace_begin(&first, TG_STR(GOOD), &rand);
    tg_trace_begin(&second, TG_STR(GOOD), &rand);
    assert_string_equal(first.id, TRACE);
    assert_string_equal(second.id, TRACE);
    assert_int_equal(strlen(first.span_id), 16);
    assert_string_not_equal(first.span_id, second.span_id);
    assert_string_not_equal(first.span_id, "00f067aa0ba902b7");
}

static void without_a_traceparent_the_root_is_fresh(void **state)
{
    struct tg_trace first;
    struct tg_trace second;
    struct tg_rand rand;

    (void)state;
    tg_rand_seed_kernel(&rand);
    tg_trace_begin(&first, TG_STR("garbage"), &rand);
    tg_trace_begin(&second, tg_str(NULL, 0), &rand);
    assert_int_equal(strlen(first.id), 32);
    assert_int_equal(strlen(second.id), 32);
    assert_string_not_equal(first.id, second.id);
}

static void equal_seeds_give_equal_ids(void **state)
{
    struct tg_trace first;
    struct tg_trace second;
    struct tg_trace again;
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 7);
    tg_trace_begin(&first, tg_str(NULL, 0), &rand);
    tg_trace_begin(&second, tg_str(NULL, 0), &rand);
    tg_rand_seed(&rand, 7);
    tg_trace_begin(&again, tg_str(NULL, 0), &rand);
    assert_string_equal(first.id, again.id);
    assert_string_equal(first.span_id, again.span_id);
    assert_string_not_equal(first.id, second.id);
    assert_string_not_equal(first.span_id, second.span_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_traceparent_gives_its_trace_id),
        cmocka_unit_test(a_later_version_may_go_on_behind_a_dash),
        cmocka_unit_test(a_bad_traceparent_is_refused),
        cmocka_unit_test(the_trace_is_inherited_and_the_span_is_its_own),
        cmocka_unit_test(without_a_traceparent_the_root_is_fresh),
        cmocka_unit_test(equal_seeds_give_equal_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
