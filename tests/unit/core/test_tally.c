/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct tg_tally tally;

static void figures_begin_anew_with_each_generation(void **state)
{
    (void)state;
    tg_tally_begin(&tally, 3, 1000);
    tg_tally_count(&tally, TG_TALLY_DONE);
    tg_tally_count(&tally, TG_TALLY_FAILED);
    tg_tally_count(&tally, TG_TALLY_OVERRAN);
    tg_tally_count(&tally, TG_TALLY_OVERRAN);
    tg_tally_count_seat(&tally.seats[5], TG_TALLY_FAILED);
    atomic_store(&tally.seats[5].address, 1);
    atomic_store(&tally.seats[5].harmed, 1);
    atomic_store(&tally.breach, TG_BREACH_HANDOVER);
    atomic_store(&tally.is_settled, 1);
    assert_int_equal(atomic_load(&tally.calls), 4);
    assert_int_equal(atomic_load(&tally.failures), 1);
    assert_int_equal(atomic_load(&tally.timeouts), 2);
    tg_tally_begin(&tally, 4, 2000);
    assert_int_equal(atomic_load(&tally.counter), 4);
    assert_int_equal(atomic_load(&tally.memory_limit), 2000);
    assert_int_equal(atomic_load(&tally.calls), 0);
    assert_int_equal(atomic_load(&tally.failures), 0);
    assert_int_equal(atomic_load(&tally.timeouts), 0);
    assert_int_equal(atomic_load(&tally.breach), TG_BREACH_NONE);
    assert_int_equal(atomic_load(&tally.is_settled), 0);
    assert_int_equal(atomic_load(&tally.seats[5].calls), 0);
    assert_int_equal(atomic_load(&tally.seats[5].address), 0);
    assert_int_equal(atomic_load(&tally.seats[5].harmed), 0);
    tg_tally_end(&tally);
    assert_int_equal(atomic_load(&tally.counter), 0);
}

static void a_seat_counts_what_its_clients_calls_came_to(void **state)
{
    struct tg_tally_seat *seat = &tally.seats[77];

    (void)state;
    tg_tally_begin(&tally, 1, 0);
    tg_tally_count_seat(seat, TG_TALLY_DONE);
    tg_tally_count_seat(seat, TG_TALLY_FAILED);
    tg_tally_count_seat(seat, TG_TALLY_OVERRAN);
    assert_int_equal(atomic_load(&seat->calls), 3);
    assert_int_equal(atomic_load(&seat->failures), 1);
    assert_int_equal(atomic_load(&seat->timeouts), 1);
}

static const uint64_t keys[] = {1, 3, UINT64_C(0x9e3779b97f4a7c15), UINT64_MAX};

static void few_enough_clients_have_a_seat_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        tg_tally_begin(&tally, 1, 0);
        for (uint64_t serial = 1; serial <= TG_TALLY_SEATS; serial++) {
            uint32_t at = tg_tally_choose(&tally, serial * 1000, keys[i]);
            assert_true(at < TG_TALLY_SEATS);
            assert_int_equal(atomic_load(&tally.seats[at].address), 0);
            atomic_store(&tally.seats[at].address, 5);
        }
    }
}

static void many_clients_share_all_seats(void **state)
{
    bool is_taken[TG_TALLY_SEATS] = {false};

    (void)state;
    tg_tally_begin(&tally, 1, 0);
    for (int i = 0; i < TG_TALLY_SEATS; i++) {
        atomic_store(&tally.seats[i].address, 5);
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        for (uint64_t serial = 1; serial < 100000; serial++) {
            uint32_t at = tg_tally_choose(&tally, serial, keys[i]);
            assert_true(at < TG_TALLY_SEATS);
            is_taken[at] = true;
        }
    }
    for (int i = 0; i < TG_TALLY_SEATS; i++) {
        assert_true(is_taken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_begin_anew_with_each_generation),
        cmocka_unit_test(a_seat_counts_what_its_clients_calls_came_to),
        cmocka_unit_test(few_enough_clients_have_a_seat_each),
        cmocka_unit_test(many_clients_share_all_seats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
