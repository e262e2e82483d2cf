/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/provenance.h"

static void all_texts_are_copied_and_none_is_told_from_empty(void **state)
{
    struct tg_param params[] = {{TG_STR("room"), TG_STR("tea")}, {TG_STR("seat"), TG_STR("")}};
    struct tg_trace trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"};
    struct tg_token token = {.expires_at_ms = 6};
    struct tg_provenance_parts parts = {
        .trace = &trace,
        .tenant = TG_STR("acme"),
        .path = TG_STR("/c/tea"),
        .query = TG_STR("a=1"),
        .address = TG_STR("::1"),
        .connected_at_ms = 5,
        .token = &token,
        .params = params,
        .param_count = 2,
    };
    struct tg_provenance *made = tg_provenance_create(&parts);

    (void)state;
    assert_string_equal(made->trace.id, trace.id);
    assert_string_equal(made->trace.span_id, trace.span_id);
    assert_int_equal(made->token.expires_at_ms, 6);
    assert_int_equal(token.expires_at_ms, 0);
    assert_string_equal(made->tenant, "acme");
    assert_null(made->token.claims);
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
        cmocka_unit_test(all_texts_are_copied_and_none_is_told_from_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
