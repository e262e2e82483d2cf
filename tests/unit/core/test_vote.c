/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/vote.h"

static void a_vote_is_about_one_order(void **state)
{
    struct tg_vote vote = {0};
    struct tg_fault fault = {.step = TG_FAULT_SCAN};

    (void)state;
    assert_int_equal(tg_vote_read(&vote, 7, &fault), TG_VOTE_NONE);
    tg_vote_cast(&vote, 7, TG_VOTE_READY, NULL);
    assert_int_equal(tg_vote_read(&vote, 7, &fault), TG_VOTE_READY);
    assert_int_equal(tg_vote_read(&vote, 8, &fault), TG_VOTE_NONE);
    assert_int_equal(tg_vote_read(&vote, 9, &fault), TG_VOTE_NONE);
    assert_int_equal(fault.step, TG_FAULT_SCAN);
}

static void a_vote_against_says_why(void **state)
{
    struct tg_vote vote = {0};
    struct tg_fault why = {0};
    struct tg_fault fault = {0};

    (void)state;
    tg_fault_set(&why, TG_FAULT_PREPARE, tg_str_of("gateways/chat/gateway.lua"), 3, "no memory");
    tg_vote_cast(&vote, 8, TG_VOTE_FAILED, &why);
    assert_int_equal(tg_vote_read(&vote, 8, &fault), TG_VOTE_FAILED);
    tg_vote_cast(&vote, 9, TG_VOTE_TAKEN, &why);
    fault = (struct tg_fault){0};
    assert_int_equal(tg_vote_read(&vote, 9, &fault), TG_VOTE_TAKEN);
    assert_string_equal(fault.text, "no memory");
    assert_int_equal(fault.line, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_is_about_one_order),
        cmocka_unit_test(a_vote_against_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
