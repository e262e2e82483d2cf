/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdlib.h>

#include "hub/inbox.h"

static int set_up(void **state)
{
    *state = tg_inbox_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tg_inbox_destroy(*state);
    return 0;
}

static void messages_come_out_as_they_went_in(void **state)
{
    assert_int_equal(tg_inbox_put(*state, TG_OPCODE_TEXT, TG_STR("one")), TG_OK);
    assert_int_equal(tg_inbox_put(*state, TG_OPCODE_BINARY, TG_STR("")), TG_OK);
    struct tg_inbox_message *first = tg_inbox_take(*state);
    struct tg_inbox_message *second = tg_inbox_take(*state);
    assert_int_equal(first->opcode, TG_OPCODE_TEXT);
    assert_int_equal(first->length, 3);
    assert_memory_equal(first->octets, "one", 3);
    assert_int_equal(second->opcode, TG_OPCODE_BINARY);
    assert_int_equal(second->length, 0);
    assert_null(tg_inbox_take(*state));
    free(first);
    free(second);
}

static void it_is_full_at_32_messages(void **state)
{
    for (int i = 0; i < TG_INBOX_MESSAGES_MAX; i++) {
        assert_false(tg_inbox_is_full(*state, 1000));
        assert_int_equal(tg_inbox_put(*state, TG_OPCODE_TEXT, TG_STR("x")), TG_OK);
    }
    assert_true(tg_inbox_is_full(*state, 1000));
    free(tg_inbox_take(*state));
    assert_false(tg_inbox_is_full(*state, 1000));
}

static void it_is_full_at_its_octets(void **state)
{
    assert_int_equal(tg_inbox_put(*state, TG_OPCODE_TEXT, TG_STR("12345")), TG_OK);
    assert_false(tg_inbox_is_full(*state, 6));
    assert_true(tg_inbox_is_full(*state, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_come_out_as_they_went_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_full_at_32_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_full_at_its_octets, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
