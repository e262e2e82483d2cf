/* SPDX-License-Identifier: MIT */
#include "fake_deploys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void a_trial_that_ends_well_proves_the_generation(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    assert_true(tg_deploys_wait_ms(&f->deploys) <= TG_DEPLOYS_JUDGE_MS);
    fake_deploys_step_after(f, f->config.deploy_trial_window_ms - 1);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
    uint32_t looks = f->workers.list[0].looks;
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_LIVE);
    assert_int_equal(f->workers.list[0].looks, looks + 1);
    assert_int_equal(tg_deploys_wait_ms(&f->deploys), UINT64_MAX);
}

static void a_trial_waits_for_every_handover(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    atomic_store(&fake_deploys_tally(f, 1)->is_settled, 0);
    fake_deploys_step_after(f, 2 * f->config.deploy_trial_window_ms);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
    atomic_store(&fake_deploys_tally(f, 1)->is_settled, 1);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
}

static void without_a_window_there_is_no_trial(void **state)
{
    struct fake_deploys *f = *state;

    f->config.deploy_trial_window_ms = 0;
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_LIVE);
}

static void a_breach_goes_back_and_refuses_the_content(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 33);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    assert_int_equal(f->errors, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_TRIAL);
    assert_non_null(strstr(f->deploys.slots.slots[0].fault.text, "33.0 %"));
    assert_int_equal(f->workers.list[0].order.counter, 1);
    fake_workers_vote_all(&f->workers);
    fake_deploys_step_after(f, 5);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->rollbacks), 1);
    /* Not again, until the folder holds something else. */
    fake_deploys_bring(f, HASH_B);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_TRIAL);
    fake_deploys_go(f, HASH_C);
    fake_deploys_assert_live(f, HASH_C, 3, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 0);
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 4, 1);
}

static void going_back_waits_for_nobody_for_long(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 33);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_workers_vote(&f->workers, 1, "no memory");
    fake_deploys_step_after(f, TG_DEPLOYS_GO_BACK_MS - 1);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void what_is_refused_takes_the_place_of_what_waits(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 33);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    /* While it goes back the folder is changed, and changed back to what failed. */
    fake_deploys_bring(f, HASH_C);
    fake_deploys_bring(f, HASH_B);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
}

static void going_back_comes_before_another_gateways_candidate(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    tg_deploys_on_candidate(&f->deploys, "echo", HASH_C, fake_deploys_make_file());
    tg_deploys_step(&f->deploys);
    assert_int_equal(f->workers.list[0].order.slot, 1);
    fake_deploys_call(f, 6, 33);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    assert_int_equal(f->workers.list[0].order.slot, 0);
    assert_int_equal(f->workers.list[0].drops, 1);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    tg_deploys_step(&f->deploys);
    assert_int_equal(f->workers.list[0].order.slot, 1);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    assert_string_equal(fake_deploys_view(f, 1).generation, HASH_C);
}

static void a_worker_forked_meanwhile_starts_with_what_is_gone_back_to(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_worker_generation list[TG_GATEWAYS_MAX];

    fake_deploys_go(f, HASH_B);
    assert_int_equal(tg_deploy_slots_inherit(&f->deploys.slots, list), 1);
    assert_int_equal(list[0].counter, 2);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_OK);
    assert_int_equal(tg_deploy_slots_inherit(&f->deploys.slots, list), 1);
    assert_int_equal(list[0].counter, 1);
    assert_int_equal(list[0].committed, 2);
    /* As in the worker, where the other files are closed first. */
    tg_deploy_slots_keep_inherited(&f->deploys.slots);
    assert_int_equal(tg_deploy_slots_inherit(&f->deploys.slots, list), 1);
    assert_int_equal(list[0].counter, 1);
    assert_int_equal(list[0].committed, 2);
    assert_true(fcntl(list[0].fd, F_GETFD) >= 0);
}

static void a_death_in_its_trial_goes_back_at_once(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row culprit = {.name = "chat", .generation = HASH_B};
    struct tg_gateway_row before = {.name = "chat", .generation = HASH_A};

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    /* What ends in the code of the one before says nothing about this one. */
    assert_false(tg_deploys_blame(&f->deploys, &before, false));
    assert_true(tg_deploys_blame(&f->deploys, &culprit, false));
    assert_int_equal(atomic_load(&fake_deploys_row(f)->failures[TG_FAULT_TRIAL]), 1);
    assert_true(tg_deploys_blame(&f->deploys, &culprit, false));
    assert_int_equal(atomic_load(&fake_deploys_row(f)->failures[TG_FAULT_TRIAL]), 1);
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        fake_workers_kill(&f->workers, i);
    }
    /* Before any worker is started again. */
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void deaths_after_the_trial_go_back_when_they_are_too_many(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row culprit = {.name = "chat", .generation = HASH_B};

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_step_after(f, f->config.deploy_trial_window_ms);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_false(tg_deploys_blame(&f->deploys, &culprit, false));
    assert_true(tg_deploys_blame(&f->deploys, &culprit, true));
    tg_deploys_step(&f->deploys);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    /* Of that one there is nothing before. */
    struct tg_gateway_row before = {.name = "chat", .generation = HASH_A};
    assert_false(tg_deploys_blame(&f->deploys, &before, true));
}

static void a_death_while_it_loads_ends_the_deploy(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row culprit = {.name = "chat", .generation = HASH_B};

    fake_deploys_bring(f, HASH_B);
    fake_workers_kill(&f->workers, 0);
    tg_deploys_lose_worker(&f->deploys, 0);
    assert_true(tg_deploys_blame(&f->deploys, &culprit, false));
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_PREPARE);
    fake_deploys_bring(f, HASH_B);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    fake_deploys_go(f, HASH_C);
}

static void what_was_unloaded_is_not_deployed_again_nor_gone_back_to(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row dead = {.name = "chat", .generation = HASH_A, .path = "/chat"};

    assert_int_equal(tg_unloaded_add(&f->workers.page->unloaded, &dead), TG_OK);
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_ERR_NOT_FOUND);
    fake_deploys_bring(f, HASH_C); /* which the folder holds no more */
    fake_deploys_bring(f, HASH_A);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(f->errors, 1);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
}

/* Its suspended calls may have gone on to kill workers. */
static void what_is_unloaded_in_a_trial_is_nothing_to_go_back_to(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row dead = {.name = "chat", .generation = HASH_A, .path = "/chat"};

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 33);
    assert_int_equal(tg_unloaded_add(&f->workers.page->unloaded, &dead), TG_OK);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(f->deploys.slots.slots[0].former.fd, -1);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_ERR_NOT_FOUND);
}

static void what_is_unloaded_after_a_trial_is_nothing_to_go_back_to(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_gateway_row dead = {.name = "chat", .generation = HASH_A, .path = "/chat"};
    struct tg_gateway_row culprit = {.name = "chat", .generation = HASH_B};

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_step_after(f, f->config.deploy_trial_window_ms);
    assert_int_equal(tg_unloaded_add(&f->workers.page->unloaded, &dead), TG_OK);
    assert_false(tg_deploys_blame(&f->deploys, &culprit, true));
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_ERR_NOT_FOUND);
}

/* No worker could start with both. */
static void one_whose_path_was_taken_does_not_come_back(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_fault why = {0};

    tg_fault_set(&why, TG_FAULT_PREPARE, tg_str_of("gateways/chat"), 0, "at the path of another");
    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_OK);
    tg_deploys_step(&f->deploys);
    fake_workers_vote(&f->workers, 0, NULL);
    tg_vote_cast(&f->workers.page->rows[1].vote, f->workers.list[1].order.ticket, TG_VOTE_TAKEN,
                 &why);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_LIVE);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_PREPARE);
    assert_int_equal(f->workers.list[0].drops, 1);
    /* When the path is free again. */
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_OK);
    tg_deploys_step(&f->deploys);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void a_newer_one_takes_the_place_of_one_on_trial(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_go(f, HASH_C);
    /* What is kept is the last one that is proven. */
    fake_deploys_assert_live(f, HASH_C, 3, 1);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 33);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void what_failed_before_as_well_is_no_breach(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 30);
    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_call(f, 6, 60);
    fake_deploys_step_after(f, TG_DEPLOYS_JUDGE_MS);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
}

static void by_hand_it_goes_back_even_after_the_trial(void **state)
{
    struct fake_deploys *f = *state;

    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_ERR_NOT_FOUND);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "none", &f->msg), TG_ERR_NOT_FOUND);
    fake_deploys_go(f, HASH_B);
    fake_deploys_switch_all(f);
    fake_deploys_step_after(f, f->config.deploy_trial_window_ms);
    assert_int_equal(tg_deploys_go_back(&f->deploys, "chat", &f->msg), TG_OK);
    tg_deploys_step(&f->deploys);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(f->errors, 0);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 0);
    fake_deploys_bring(f, HASH_B);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    /* The folder is brought in line, and then changed again. */
    fake_deploys_bring(f, HASH_A);
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 3, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_DEPLOYS_TEST(a_trial_that_ends_well_proves_the_generation),
        FAKE_DEPLOYS_TEST(a_trial_waits_for_every_handover),
        FAKE_DEPLOYS_TEST(without_a_window_there_is_no_trial),
        FAKE_DEPLOYS_TEST(a_breach_goes_back_and_refuses_the_content),
        FAKE_DEPLOYS_TEST(going_back_waits_for_nobody_for_long),
        FAKE_DEPLOYS_TEST(what_is_refused_takes_the_place_of_what_waits),
        FAKE_DEPLOYS_TEST(going_back_comes_before_another_gateways_candidate),
        FAKE_DEPLOYS_TEST(a_worker_forked_meanwhile_starts_with_what_is_gone_back_to),
        FAKE_DEPLOYS_TEST(a_death_in_its_trial_goes_back_at_once),
        FAKE_DEPLOYS_TEST(deaths_after_the_trial_go_back_when_they_are_too_many),
        FAKE_DEPLOYS_TEST(a_death_while_it_loads_ends_the_deploy),
        FAKE_DEPLOYS_TEST(what_was_unloaded_is_not_deployed_again_nor_gone_back_to),
        FAKE_DEPLOYS_TEST(what_is_unloaded_in_a_trial_is_nothing_to_go_back_to),
        FAKE_DEPLOYS_TEST(what_is_unloaded_after_a_trial_is_nothing_to_go_back_to),
        FAKE_DEPLOYS_TEST(one_whose_path_was_taken_does_not_come_back),
        FAKE_DEPLOYS_TEST(a_newer_one_takes_the_place_of_one_on_trial),
        FAKE_DEPLOYS_TEST(what_failed_before_as_well_is_no_breach),
        FAKE_DEPLOYS_TEST(by_hand_it_goes_back_even_after_the_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
