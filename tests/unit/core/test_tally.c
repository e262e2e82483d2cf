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
    tg_tally_end(&tally);
    assert_int_equal(atomic_load(&tally.counter), 0);
}

static void a_seat_counts_what_its_clients_calls_came_to(void **state)
{
    struct tg_tally_seat *seat = tg_tally_seat(&tally, 77, 12345);

    (void)state;
    tg_tally_begin(&tally, 1, 0);
    tg_tally_count_seat(seat, TG_TALLY_DONE);
    tg_tally_count_seat(seat, TG_TALLY_FAILED);
    tg_tally_count_seat(seat, TG_TALLY_OVERRAN);
    assert_int_equal(atomic_load(&seat->calls), 3);
    assert_int_equal(atomic_load(&seat->failures), 1);
    assert_int_equal(atomic_load(&seat->timeouts), 1);
}

/* Few enough clients have one each, most of the time, and many share all there are. */
static void clients_are_spread_over_the_seats(void **state)
{
    const uint64_t keys[] = {1, 3, UINT64_C(0x9e3779b97f4a7c15), UINT64_MAX};
    bool is_taken[TG_TALLY_SEATS] = {false};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        for (uint64_t serial = 1; serial < 100000; serial++) {
            struct tg_tally_seat *seat = tg_tally_seat(&tally, serial, keys[i]);
            assert_true(seat >= tally.seats && seat < tally.seats + TG_TALLY_SEATS);
            is_taken[seat - tally.seats] = true;
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
        cmocka_unit_test(clients_are_spread_over_the_seats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
