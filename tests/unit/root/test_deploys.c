/* SPDX-License-Identifier: MIT */
#include "fake_deploys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void what_is_there_at_the_start_is_live_and_proven(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_worker_generation list[TG_GATEWAYS_MAX];

    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_LIVE);
    assert_int_equal(tg_deploy_slots_inherit(&f->deploys.slots, list), 1);
    assert_int_equal(list[0].slot, 0);
    assert_int_equal(list[0].counter, 1);
    assert_true(list[0].fd >= 0);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->deploys), 0);
    assert_int_equal(tg_deploys_wait_ms(&f->deploys), UINT64_MAX);
}

static void a_candidate_goes_live_when_all_workers_are_ready(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        assert_int_equal(f->workers.list[i].order.slot, 0);
        assert_int_equal(f->workers.list[i].order.counter, 2);
    }
    fake_workers_vote(&f->workers, 0, NULL);
    fake_workers_vote(&f->workers, 2, NULL);
    fake_deploys_step_after(f, 100);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_true(tg_deploys_is_busy(&f->deploys, "chat"));
    uint32_t looks = f->workers.list[0].looks;
    fake_workers_vote(&f->workers, 1, NULL);
    fake_deploys_step_after(f, 100);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_TRIAL);
    assert_int_equal(f->workers.list[0].looks, looks + 1);
    assert_int_equal(f->workers.list[0].prepares, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->deploys), 1);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
}

static void what_is_live_is_no_candidate(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_A);
    assert_int_equal(f->workers.list[0].prepares, 0);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    fake_deploys_go(f, HASH_B);
    fake_deploys_bring(f, HASH_B);
    assert_int_equal(f->workers.list[0].prepares, 1);
}

static void one_vote_against_ends_the_deploy_with_its_reason(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_workers_vote(&f->workers, 1, "no memory");
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(f->errors, 1);
    const struct tg_deploy_slot *slot = &f->deploys.slots.slots[0];
    assert_true(slot->has_fault);
    assert_string_equal(slot->fault.text, "no memory");
    assert_string_equal(slot->fault_hash, HASH_B);
    assert_int_equal(slot->fault.line, 7);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_PREPARE);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->failures[TG_FAULT_PREPARE]), 1);
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        assert_int_equal(f->workers.list[i].dropped, 2);
    }
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    /* The next gets a counter that was never used, and ends the fault. */
    fake_deploys_go(f, HASH_C);
    fake_deploys_assert_live(f, HASH_C, 3, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 0);
}

static void a_vote_for_the_one_before_counts_for_nothing(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote_all(&f->workers);
    /* Another content comes before the votes are counted. */
    fake_deploys_bring(f, HASH_C);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(f->workers.list[0].dropped, 2);
    assert_int_equal(f->workers.list[0].order.counter, 3);
    fake_workers_vote_all(&f->workers);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_C, 3, 1);
}

static void a_dead_worker_has_no_vote(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_workers_vote(&f->workers, 1, NULL);
    fake_workers_kill(&f->workers, 2);
    tg_deploys_lose_worker(&f->deploys, 2);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
}

static void one_that_voted_and_died_votes_anew_when_it_is_back(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_deploys_step_after(f, 1);
    fake_workers_kill(&f->workers, 0);
    tg_deploys_lose_worker(&f->deploys, 0);
    fake_workers_respawn(&f->workers, 0);
    fake_workers_vote(&f->workers, 1, NULL);
    fake_workers_vote(&f->workers, 2, NULL);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(f->workers.list[0].prepares, 1);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_B, 2, 1);
}

static void without_any_worker_nothing_is_committed(void **state)
{
    struct fake_deploys *f = *state;

    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        fake_workers_kill(&f->workers, i);
    }
    fake_deploys_bring(f, HASH_B);
    fake_deploys_step_after(f, f->config.deploy_prepare_deadline_ms - 1);
    assert_true(tg_deploys_is_busy(&f->deploys, NULL));
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_non_null(strstr(f->deploys.slots.slots[0].fault.text, "no worker lives"));
}

static void past_the_deadline_the_deploy_is_off(void **state)
{
    struct fake_deploys *f = *state;

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote(&f->workers, 0, NULL);
    fake_workers_vote(&f->workers, 1, NULL);
    fake_deploys_step_after(f, f->config.deploy_prepare_deadline_ms - 1);
    assert_int_equal(f->errors, 0);
    fake_deploys_step_after(f, 1);
    assert_int_equal(f->errors, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(f->workers.list[0].dropped, 2);
    assert_non_null(strstr(f->deploys.slots.slots[0].fault.text, "1 of 3 workers"));
    /* A vote that comes later is about nothing any more. */
    fake_workers_vote(&f->workers, 2, NULL);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void a_worker_whose_socket_is_full_is_told_later(void **state)
{
    struct fake_deploys *f = *state;

    f->workers.list[1].is_full = true;
    fake_deploys_bring(f, HASH_B);
    assert_int_equal(f->workers.list[1].prepares, 0);
    f->workers.list[1].is_full = false;
    fake_deploys_step_after(f, 10);
    assert_int_equal(f->workers.list[1].prepares, 1);
    assert_int_equal(f->workers.list[0].prepares, 1);
}

static void gateways_take_turns_in_the_order_they_came(void **state)
{
    struct fake_deploys *f = *state;

    tg_deploys_on_candidate(&f->deploys, "echo", HASH_B, fake_deploys_make_file());
    tg_deploys_on_candidate(&f->deploys, "chat", HASH_C, fake_deploys_make_file());
    tg_deploys_step(&f->deploys);
    assert_int_equal(f->workers.list[0].order.slot, 1);
    assert_int_equal(f->workers.list[0].order.counter, 1);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    /* The first of a gateway has nothing to be compared with. */
    assert_string_equal(fake_deploys_view(f, 1).name, "echo");
    assert_int_equal(fake_deploys_view(f, 1).proven, 1);
    assert_int_equal(fake_deploys_view(f, 1).state, TG_DEPLOY_LIVE);
    assert_true(tg_deploys_is_busy(&f->deploys, "chat"));
    assert_false(tg_deploys_is_busy(&f->deploys, "echo"));
    tg_deploys_step(&f->deploys);
    assert_int_equal(f->workers.list[0].order.slot, 0);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_C, 2, 1);
}

static void what_has_gone_is_removed_at_once_and_free_when_all_let_go(void **state)
{
    struct fake_deploys *f = *state;

    atomic_store(&f->workers.page->rows[1].slots_held, 1);
    fake_deploys_bring(f, HASH_B);
    uint32_t looks = f->workers.list[0].looks;
    tg_deploys_on_gone(&f->deploys, "chat");
    assert_int_equal(fake_deploys_view(f, 0).committed, 0);
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_REMOVED);
    assert_int_equal(f->workers.list[0].looks, looks + 1);
    assert_int_equal(f->workers.list[0].dropped, 2);
    fake_deploys_step_after(f, 1000);
    assert_string_equal(fake_deploys_view(f, 0).name, "chat");
    assert_true(tg_deploys_is_busy(&f->deploys, "chat"));
    /* One that starts may be about to load what it was given. */
    atomic_store(&f->workers.page->rows[1].slots_held, 0);
    atomic_store(&f->workers.page->rows[2].phase, TG_WORKER_STARTING);
    fake_deploys_step_after(f, 1000);
    assert_string_equal(fake_deploys_view(f, 0).name, "chat");
    atomic_store(&f->workers.page->rows[2].phase, TG_WORKER_SERVING);
    fake_deploys_step_after(f, 5);
    assert_string_equal(fake_deploys_view(f, 0).name, "");
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    /* Back again, it is a new gateway whose counters go on. */
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 3, 3);
}

static void what_comes_back_too_early_waits_until_all_let_go(void **state)
{
    struct fake_deploys *f = *state;

    atomic_store(&f->workers.page->rows[1].slots_held, 1);
    tg_deploys_on_gone(&f->deploys, "chat");
    fake_deploys_bring(f, HASH_A);
    fake_deploys_step_after(f, 1000);
    assert_int_equal(f->workers.list[0].prepares, 0);
    atomic_store(&f->workers.page->rows[1].slots_held, 0);
    tg_deploys_step(&f->deploys);
    assert_int_equal(f->workers.list[0].order.counter, 2);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    fake_deploys_assert_live(f, HASH_A, 2, 2);
}

static void removed_by_hand_it_stays_away_until_it_changes(void **state)
{
    struct fake_deploys *f = *state;

    assert_int_equal(tg_deploys_remove(&f->deploys, "none", &f->msg), TG_ERR_NOT_FOUND);
    assert_int_equal(tg_deploys_remove(&f->deploys, "chat", &f->msg), TG_OK);
    assert_int_equal(fake_deploys_view(f, 0).committed, 0);
    fake_deploys_step_after(f, 5);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(tg_deploys_remove(&f->deploys, "chat", &f->msg), TG_ERR_NOT_FOUND);
    fake_deploys_bring(f, HASH_A);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
    assert_int_equal(fake_deploys_view(f, 0).state, TG_DEPLOY_REMOVED);
    fake_deploys_go(f, HASH_B);
    fake_deploys_assert_live(f, HASH_B, 2, 2);
    assert_int_equal(tg_deploys_remove(&f->deploys, "chat", &f->msg), TG_OK);
    tg_deploys_on_gone(&f->deploys, "chat");
    fake_deploys_step_after(f, 5);
    assert_string_equal(fake_deploys_view(f, 0).name, "");
}

static void a_fault_stands_until_it_is_over(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_fault fault = {0};
    struct tg_fault over = {0};

    tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of("gateways/chat/gateway.lua"), 3, "no handler");
    tg_deploys_on_fault(&f->deploys, "chat", HASH_B, &fault);
    assert_int_equal(f->errors, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_LOAD);
    tg_deploys_on_fault(&f->deploys, "chat", "", &over);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 0);
    /* Of a gateway that never was there is nothing but the fault. */
    tg_deploys_on_fault(&f->deploys, "Bad Name", "", &fault);
    assert_string_equal(fake_deploys_view(f, 1).name, "Bad Name");
    tg_deploys_on_fault(&f->deploys, "Bad Name", "", &over);
    assert_string_equal(fake_deploys_view(f, 1).name, "");
}

static void nothing_is_wrong_where_the_folder_holds_what_is_live(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_fault over = {0};

    fake_deploys_bring(f, HASH_B);
    fake_workers_vote(&f->workers, 0, "no memory");
    fake_deploys_step_after(f, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_PREPARE);
    /* A deployer that has just started doesn't know what the one before it sent. */
    tg_deploys_on_fault(&f->deploys, "chat", HASH_B, &over);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_PREPARE);
    tg_deploys_on_fault(&f->deploys, "chat", HASH_A, &over);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 0);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    /* Nor what of it is under way. */
    fake_deploys_bring(f, HASH_C);
    assert_true(tg_deploys_is_busy(&f->deploys, "chat"));
    tg_deploys_on_fault(&f->deploys, "chat", HASH_A, &over);
    assert_false(tg_deploys_is_busy(&f->deploys, "chat"));
    assert_int_equal(f->workers.list[0].drops, 2);
}

static void a_fault_takes_the_place_of_what_was_under_way(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_fault fault = {0};

    fake_deploys_bring(f, HASH_B);
    tg_fault_set(&fault, TG_FAULT_SCAN, tg_str_of("gateways/chat/gateway.lua"), 3, "half of it");
    tg_deploys_on_fault(&f->deploys, "chat", "", &fault);
    assert_int_equal(f->workers.list[0].dropped, 2);
    fake_workers_vote_all(&f->workers);
    fake_deploys_step_after(f, 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    assert_int_equal(atomic_load(&fake_deploys_row(f)->fault), 1 + TG_FAULT_SCAN);
    assert_false(tg_deploys_is_busy(&f->deploys, NULL));
}

static void faults_of_others_leave_room_for_gateways(void **state)
{
    struct fake_deploys *f = *state;
    struct tg_fault fault = {0};
    char name[TG_DEPLOY_NAME_BYTES];

    tg_fault_set(&fault, TG_FAULT_SCAN, tg_str_of("gateways"), 0, "no gateway.lua");
    for (int i = 0; i < 2 * TG_GATEWAYS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "junk-%d", i);
        tg_deploys_on_fault(&f->deploys, name, "", &fault);
    }
    tg_deploys_on_candidate(&f->deploys, "echo", HASH_B, fake_deploys_make_file());
    assert_non_null(tg_deploy_slots_find(&f->deploys.slots, "echo"));
    fake_deploys_assert_live(f, HASH_A, 1, 1);
}

static void there_is_an_end_of_slots(void **state)
{
    struct fake_deploys *f = *state;
    char name[TG_DEPLOY_NAME_BYTES];

    for (int i = 1; i < TG_GATEWAYS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "gateway-%d", i);
        assert_int_equal(tg_deploys_add(&f->deploys, name, HASH_A, fake_deploys_make_file()),
                         TG_OK);
    }
    int fd = fake_deploys_make_file();
    assert_int_equal(tg_deploys_add(&f->deploys, "echo", HASH_A, fd), TG_ERR_FULL);
    tg_deploys_on_candidate(&f->deploys, "echo", HASH_A, fd);
    assert_int_equal(f->errors, 1);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void the_roots_fault_stands_since_it_was_first_told(void **state)
{
    struct fake_deploys *f = *state;

    tg_deploys_on_root(&f->deploys, "gateways: No such file or directory");
    uint64_t since_ms = f->deploys.root_fault_at_ms;
    fake_deploys_step_after(f, 1000);
    tg_deploys_on_root(&f->deploys, "gateways: No such file or directory");
    assert_int_equal(f->deploys.root_fault_at_ms, since_ms);
    assert_int_equal(atomic_load(&f->workers.page->deploys.root_fault), 1);
    fake_deploys_assert_live(f, HASH_A, 1, 1);
    tg_deploys_on_root(&f->deploys, "");
    assert_int_equal(atomic_load(&f->workers.page->deploys.root_fault), 0);
}

static uint32_t count_descriptors(void)
{
    uint32_t count = 0;

    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static void every_file_is_closed_in_the_end(void **state)
{
    struct fake_deploys *f = *state;
    uint32_t before = count_descriptors();

    for (int i = 0; i < 50; i++) {
        fake_deploys_go(f, i % 2 ? HASH_B : HASH_C);
        fake_deploys_switch_all(f);
        fake_deploys_step_after(f, i % 3 ? f->config.deploy_trial_window_ms : 1);
        fake_deploys_bring(f, i % 2 ? HASH_B : HASH_C);
        fake_deploys_bring(f, HASH_A);
        fake_workers_vote(&f->workers, 1, "no");
        tg_deploys_step(&f->deploys);
        if (i % 5 == 0 && tg_deploys_go_back(&f->deploys, "chat", &f->msg) == TG_OK) {
            tg_deploys_step(&f->deploys);
            fake_workers_vote_all(&f->workers);
            tg_deploys_step(&f->deploys);
        }
    }
    /* At most what is live and the one before. */
    assert_in_range(count_descriptors(), before, before + 1);
    tg_deploys_on_gone(&f->deploys, "chat");
    tg_deploys_step(&f->deploys);
    assert_int_equal(count_descriptors(), before - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_DEPLOYS_TEST(what_is_there_at_the_start_is_live_and_proven),
        FAKE_DEPLOYS_TEST(a_candidate_goes_live_when_all_workers_are_ready),
        FAKE_DEPLOYS_TEST(what_is_live_is_no_candidate),
        FAKE_DEPLOYS_TEST(one_vote_against_ends_the_deploy_with_its_reason),
        FAKE_DEPLOYS_TEST(a_vote_for_the_one_before_counts_for_nothing),
        FAKE_DEPLOYS_TEST(a_dead_worker_has_no_vote),
        FAKE_DEPLOYS_TEST(one_that_voted_and_died_votes_anew_when_it_is_back),
        FAKE_DEPLOYS_TEST(without_any_worker_nothing_is_committed),
        FAKE_DEPLOYS_TEST(past_the_deadline_the_deploy_is_off),
        FAKE_DEPLOYS_TEST(a_worker_whose_socket_is_full_is_told_later),
        FAKE_DEPLOYS_TEST(gateways_take_turns_in_the_order_they_came),
        FAKE_DEPLOYS_TEST(what_has_gone_is_removed_at_once_and_free_when_all_let_go),
        FAKE_DEPLOYS_TEST(what_comes_back_too_early_waits_until_all_let_go),
        FAKE_DEPLOYS_TEST(removed_by_hand_it_stays_away_until_it_changes),
        FAKE_DEPLOYS_TEST(a_fault_stands_until_it_is_over),
        FAKE_DEPLOYS_TEST(nothing_is_wrong_where_the_folder_holds_what_is_live),
        FAKE_DEPLOYS_TEST(a_fault_takes_the_place_of_what_was_under_way),
        FAKE_DEPLOYS_TEST(faults_of_others_leave_room_for_gateways),
        FAKE_DEPLOYS_TEST(there_is_an_end_of_slots),
        FAKE_DEPLOYS_TEST(the_roots_fault_stands_since_it_was_first_told),
        FAKE_DEPLOYS_TEST(every_file_is_closed_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
