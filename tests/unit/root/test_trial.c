/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MIB = 1 << 20, COUNTER = 7 };

struct fixture {
    struct tg_trial_rules rules;
    struct tg_trial_rates before;
    struct tg_trial_sample sample;
    struct tg_tally tally;
    struct tg_fault fault;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->rules = (struct tg_trial_rules){.calls = 50, .clients = 3, .error_percent = 20, .factor = 5};
    f->before.memory_bytes = MIB;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* One more client that is connected and has called. */
static void add(struct fixture *f, uint32_t address, uint32_t calls, uint32_t failures)
{
    f->sample.callers[f->sample.caller_count++] = (struct tg_trial_caller){
        .address = address, .harmed = address, .calls = calls, .failures = failures};
    f->sample.calls += calls;
    f->sample.clients++;
}

static bool is_breach(struct fixture *f)
{
    return tg_trial_judge(&f->rules, &f->before, &f->sample, &f->fault);
}

static double errors_of(struct fixture *f)
{
    struct tg_trial_rates rates;

    tg_trial_measure(&f->sample, &rates);
    return rates.errors;
}

static void assert_near(double got, double wanted)
{
    assert_true(got > wanted - 0.0001 && got < wanted + 0.0001);
}

static void nobody_who_calls_is_no_breach(void **state)
{
    struct fixture *f = *state;

    assert_false(is_breach(f));
    assert_near(errors_of(f), 0);
}

static void failures_of_enough_clients_are_one(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 1; i <= 3; i++) {
        add(f, i, 20, 7);
    }
    add(f, 4, 20, 0);
    assert_near(errors_of(f), 21.0 / 80);
    assert_true(is_breach(f));
    assert_int_equal(f->fault.step, TG_FAULT_TRIAL);
    assert_string_equal(f->fault.text,
                        "errors in 26.2 % of the calls (0.0 % before), of 80 calls by 4 clients");
}

static void so_are_timeouts(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 1; i <= 3; i++) {
        add(f, i, 20, 0);
        f->sample.callers[i - 1].timeouts = 5;
    }
    assert_true(is_breach(f));
    assert_non_null(strstr(f->fault.text, "timeouts in 25.0 %"));
}

static void too_few_calls_say_nothing(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 16, 16);
    add(f, 2, 16, 16);
    add(f, 3, 17, 17);
    assert_false(is_breach(f));
    add(f, 4, 1, 1);
    assert_true(is_breach(f));
}

static void a_share_must_be_above_the_percentage(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 1; i <= 5; i++) {
        add(f, i, 100, 20);
    }
    assert_false(is_breach(f));
    f->sample.callers[0].failures = 21;
    assert_true(is_breach(f));
}

static void and_above_so_many_times_what_it_was(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 1; i <= 5; i++) {
        add(f, i, 100, 50);
    }
    f->before.errors = 0.1;
    assert_false(is_breach(f));
    f->before.errors = 0.09;
    assert_true(is_breach(f));
}

static void one_address_alone_does_not_undo_a_deploy_for_others(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 0; i < 4; i++) {
        add(f, 1, 100, 100);
        add(f, 10 + i, 100, 0);
    }
    assert_near(errors_of(f), 0.5);
    assert_false(is_breach(f));
    f->sample.callers[1].failures = 1;
    assert_false(is_breach(f));
    f->sample.callers[3].failures = 1;
    assert_true(is_breach(f));
}

static void where_fewer_addresses_call_all_clients_must_be_concerned(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 0; i < 5; i++) {
        add(f, 1, 100, 40);
    }
    assert_true(is_breach(f));
    f->sample.callers[4].failures = 0;
    assert_near(errors_of(f), 0.32);
    assert_false(is_breach(f));
}

static void one_that_calls_while_others_are_idle_does_not_decide(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 100, 100);
    assert_true(is_breach(f));
    f->sample.clients = 500;
    assert_false(is_breach(f));
    add(f, 1, 100, 100);
    add(f, 1, 100, 100);
    assert_true(is_breach(f));
}

static void few_clients_weigh_the_same(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 100000, 100000);
    add(f, 2, 10, 0);
    add(f, 3, 1, 0);
    add(f, 4, 50, 0);
    assert_near(errors_of(f), 0.25);
}

static void of_many_none_weighs_more_than_a_tenth(void **state)
{
    struct fixture *f = *state;

    add(f, 1, 1000000, 1000000);
    for (uint32_t i = 0; i < 30; i++) {
        add(f, 2 + i, 10, 0);
    }
    assert_near(errors_of(f), 0.1);
    /* Two that call most. */
    add(f, 100, 2000000, 2000000);
    assert_near(errors_of(f), 0.2);
    /* Where nobody calls that much, calls count as they are. */
    f->sample.caller_count = 0;
    for (uint32_t i = 0; i < 20; i++) {
        add(f, i, i < 10 ? 10 : 20, i < 10 ? 10 : 0);
    }
    assert_near(errors_of(f), 1.0 / 3);
    /* Ten of them: the same for each. */
    f->sample.caller_count = 0;
    for (uint32_t i = 0; i < 10; i++) {
        add(f, i, (i + 1) * 100, i < 3 ? (i + 1) * 100 : 0);
    }
    assert_near(errors_of(f), 0.3);
}

static void memory_is_judged_without_calls(void **state)
{
    struct fixture *f = *state;

    f->sample.memory_limit = 64 * MIB;
    f->sample.memory_bytes = 32 * MIB;
    assert_false(is_breach(f));
    f->sample.memory_bytes = 33 * MIB;
    assert_true(is_breach(f));
    assert_non_null(strstr(f->fault.text, "memory"));
    f->before.memory_bytes = 7 * MIB;
    assert_false(is_breach(f));
    /* What is not known can't be compared. */
    f->before.memory_bytes = 0;
    assert_false(is_breach(f));
}

static void a_lost_state_is_a_breach(void **state)
{
    struct fixture *f = *state;

    f->sample.has_lost_state = true;
    assert_true(is_breach(f));
    assert_int_equal(f->fault.step, TG_FAULT_HANDOVER);
}

/* One network that has more sockets than there are seats shares them with everybody. */
static void a_seat_that_is_shared_says_who_was_harmed(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 1; i <= 20; i++) {
        add(f, i, 100, 50);
        f->sample.callers[i - 1].harmed = 99;
    }
    assert_false(is_breach(f));
    f->sample.callers[0].harmed = 1;
    f->sample.callers[1].harmed = 2;
    assert_true(is_breach(f));
}

static void tallies_are_added_up(void **state)
{
    struct fixture *f = *state;

    tg_tally_begin(&f->tally, COUNTER, 64 * MIB);
    atomic_store(&f->tally.clients, 5);
    atomic_store(&f->tally.memory_bytes, 3 * MIB);
    struct tg_tally_seat *seat = &f->tally.seats[1];
    atomic_store(&seat->address, 77);
    atomic_store(&seat->harmed, 78);
    tg_tally_count_seat(seat, TG_TALLY_DONE);
    tg_tally_count_seat(seat, TG_TALLY_FAILED);
    tg_tally_count_seat(seat, TG_TALLY_OVERRAN);
    tg_trial_add(&f->sample, &f->tally, COUNTER);
    atomic_store(&f->tally.is_settled, 1);
    atomic_store(&f->tally.memory_bytes, 2 * MIB);
    tg_trial_add(&f->sample, &f->tally, COUNTER);
    /* Of another generation, and of none. */
    tg_trial_add(&f->sample, &f->tally, COUNTER + 1);
    tg_tally_end(&f->tally);
    tg_trial_add(&f->sample, &f->tally, 0);
    assert_int_equal(f->sample.workers, 2);
    assert_int_equal(f->sample.settled, 1);
    assert_int_equal(f->sample.clients, 10);
    assert_int_equal(f->sample.calls, 6);
    assert_int_equal(f->sample.memory_bytes, 3 * MIB);
    assert_int_equal(f->sample.memory_limit, 64 * MIB);
    assert_int_equal(f->sample.caller_count, 2);
    assert_int_equal(f->sample.callers[1].address, 77);
    assert_int_equal(f->sample.callers[1].harmed, 78);
    assert_int_equal(f->sample.callers[1].calls, 3);
    assert_int_equal(f->sample.callers[1].failures, 1);
    assert_int_equal(f->sample.callers[1].timeouts, 1);
    assert_false(f->sample.has_lost_state);
}

static void a_broken_handover_of_one_worker_is_seen(void **state)
{
    struct fixture *f = *state;

    tg_tally_begin(&f->tally, COUNTER, 64 * MIB);
    tg_trial_add(&f->sample, &f->tally, COUNTER);
    atomic_store(&f->tally.breach, TG_BREACH_HANDOVER);
    tg_trial_add(&f->sample, &f->tally, COUNTER);
    assert_true(f->sample.has_lost_state);
}

static void more_callers_than_there_is_room_for_are_left_out(void **state)
{
    struct fixture *f = *state;

    tg_tally_begin(&f->tally, COUNTER, 64 * MIB);
    for (uint32_t i = 0; i < TG_TALLY_SEATS; i++) {
        atomic_store(&f->tally.seats[i].calls, 1);
    }
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX + 1; i++) {
        tg_trial_add(&f->sample, &f->tally, COUNTER);
    }
    assert_int_equal(f->sample.caller_count, TG_TRIAL_CALLERS_MAX);
}

static void the_rules_are_the_configurations(void **state)
{
    struct tg_config config;

    (void)state;
    assert_int_equal(tg_config_init(&config), TG_OK);
    struct tg_trial_rules rules = tg_trial_rules(&config);
    assert_int_equal(rules.calls, 50);
    assert_int_equal(rules.clients, 3);
    assert_int_equal(rules.error_percent, 20);
    assert_int_equal(rules.factor, 5);
    tg_config_fini(&config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_who_calls_is_no_breach),
        TEST(failures_of_enough_clients_are_one),
        TEST(so_are_timeouts),
        TEST(too_few_calls_say_nothing),
        TEST(a_share_must_be_above_the_percentage),
        TEST(and_above_so_many_times_what_it_was),
        TEST(one_address_alone_does_not_undo_a_deploy_for_others),
        TEST(where_fewer_addresses_call_all_clients_must_be_concerned),
        TEST(one_that_calls_while_others_are_idle_does_not_decide),
        TEST(few_clients_weigh_the_same),
        TEST(of_many_none_weighs_more_than_a_tenth),
        TEST(memory_is_judged_without_calls),
        TEST(a_lost_state_is_a_breach),
        TEST(a_seat_that_is_shared_says_who_was_harmed),
        TEST(tallies_are_added_up),
        TEST(a_broken_handover_of_one_worker_is_seen),
        TEST(more_callers_than_there_is_room_for_are_left_out),
        TEST(the_rules_are_the_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
