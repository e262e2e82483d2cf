/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/provenance.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define GOOD "00-" TRACE "-00f067aa0ba902b7-01"

static int read_trace(const char *text)
{
    char trace[33];

    return tg_traceparent_read(tg_str_of(text), trace);
}

static void a_good_traceparent_gives_its_trace_id(void **state)
{
    char trace[33];

    (void)state;
    assert_int_equal(tg_traceparent_read(TG_STR(GOOD), trace), TG_OK);
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
    struct tg_provenance_parts parts = {.traceparent = TG_STR(GOOD), .path = TG_STR("/chat")};
    struct tg_provenance *first = tg_provenance_create(&parts);
    struct tg_provenance *second = tg_provenance_create(&parts);

    (void)state;
    assert_string_equal(first->trace_id, TRACE);
    assert_string_equal(second->trace_id, TRACE);
    assert_int_equal(strlen(first->span_id), 16);
    assert_string_not_equal(first->span_id, second->span_id);
    tg_provenance_unref(first);
    tg_provenance_unref(second);
}

static void without_a_traceparent_the_root_is_fresh(void **state)
{
    struct tg_provenance_parts parts = {.traceparent = TG_STR("garbage")};
    struct tg_provenance *first = tg_provenance_create(&parts);
    struct tg_provenance *second = tg_provenance_create(&parts);

    (void)state;
    assert_int_equal(strlen(first->trace_id), 32);
    assert_string_not_equal(first->trace_id, second->trace_id);
    tg_provenance_unref(first);
    tg_provenance_unref(second);
}

static void all_texts_are_copied_and_none_is_told_from_empty(void **state)
{
    struct tg_param params[] = {{TG_STR("room"), TG_STR("tea")}, {TG_STR("seat"), TG_STR("")}};
    struct tg_provenance_parts parts = {
        .tenant = TG_STR("acme"),
        .path = TG_STR("/c/tea"),
        .query = TG_STR("a=1"),
        .address = TG_STR("::1"),
        .connected_at_ms = 5,
        .expires_at_ms = 6,
        .params = params,
        .param_count = 2,
    };
    struct tg_provenance *made = tg_provenance_create(&parts);

    (void)state;
    assert_string_equal(made->tenant, "acme");
    assert_null(made->claims);
    assert_string_equal(made->path, "/c/tea");
    assert_string_equal(made->query, "a=1");
    assert_string_equal(made->address, "::1");
    assert_string_equal(made->params[0].value, "tea");
    assert_string_equal(made->params[1].name, "seat");
    assert_string_equal(made->params[1].value, "");
    assert_ptr_equal(tg_provenance_ref(made), made);
    tg_provenance_unref(made);
    assert_string_equal(made->tenant, "acme");
    tg_provenance_unref(made);
    tg_provenance_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_traceparent_gives_its_trace_id),
        cmocka_unit_test(a_later_version_may_go_on_behind_a_dash),
        cmocka_unit_test(a_bad_traceparent_is_refused),
        cmocka_unit_test(the_trace_is_inherited_and_the_span_is_its_own),
        cmocka_unit_test(without_a_traceparent_the_root_is_fresh),
        cmocka_unit_test(all_texts_are_copied_and_none_is_told_from_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
