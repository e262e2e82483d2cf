/* SPDX-License-Identifier: MIT */
#include "deployer/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tg_page *page; /* of two workers */
    struct tg_live live;
    struct tg_live_paths paths;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.page = tg_page_create(2)};
    assert_non_null(fixture.page);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_page_destroy(f->page);
    return 0;
}

static void commit(struct fixture *f, uint32_t slot, const char *name, const char *generation)
{
    const struct tg_deploy_commit made = {
        .counter = 1, .hash = tg_deploy_table_hash(generation), .state = TG_DEPLOY_LIVE};

    tg_deploy_table_bind(&f->page->deploys, slot, name);
    tg_deploy_table_commit(&f->page->deploys, slot, &made);
}

static void load(struct fixture *f, uint32_t worker, const char *name, const char *generation,
                 const char *path)
{
    struct tg_gateway_rows *rows = &f->page->rows[worker].gateways;

    tg_gateway_rows_set_path(rows, tg_gateway_rows_take(rows, name, generation), path);
}

static void gateways_with_a_committed_generation_are_live(void **state)
{
    struct fixture *f = *state;

    commit(f, 0, "chat", "aaaaaaaaaaaa");
    tg_deploy_table_bind(&f->page->deploys, 1, "waits");
    commit(f, 5, "echo", "bbbbbbbbbbbb");
    atomic_store(&f->page->deploys.rows[5].fault, 1 + TG_FAULT_TRIAL);
    tg_live_read(f->page, &f->live);
    assert_int_equal(f->live.count, 2);
    assert_string_equal(tg_live_find(&f->live, "chat")->generation, "aaaaaaaaaaaa");
    assert_false(tg_live_find(&f->live, "chat")->has_fault);
    assert_string_equal(tg_live_find(&f->live, "echo")->generation, "bbbbbbbbbbbb");
    assert_true(tg_live_find(&f->live, "echo")->has_fault);
    assert_null(tg_live_find(&f->live, "waits"));
}

static void what_was_removed_is_known_until_its_slot_is_free(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_commit removal = {.state = TG_DEPLOY_REMOVED};

    commit(f, 3, "chat", "aaaaaaaaaaaa");
    assert_false(tg_live_is_removed(f->page, "chat"));
    tg_deploy_table_commit(&f->page->deploys, 3, &removal);
    assert_true(tg_live_is_removed(f->page, "chat"));
    assert_false(tg_live_is_removed(f->page, "cha"));
    tg_deploy_table_free(&f->page->deploys, 3);
    assert_false(tg_live_is_removed(f->page, "chat"));
}

static void what_workers_refused_is_known_by_its_fault(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_row *row = &f->page->deploys.rows[5];

    assert_false(tg_live_is_refused(f->page, "heir"));
    tg_deploy_table_bind(&f->page->deploys, 5, "heir");
    assert_false(tg_live_is_refused(f->page, "heir"));
    atomic_store(&row->fault, 1 + TG_FAULT_LOAD);
    assert_false(tg_live_is_refused(f->page, "heir"));
    atomic_store(&row->fault, 1 + TG_FAULT_PREPARE);
    assert_true(tg_live_is_refused(f->page, "heir"));
    assert_false(tg_live_is_refused(f->page, "hei"));
}

static void paths_are_those_of_the_live_generations_of_others(void **state)
{
    struct fixture *f = *state;

    commit(f, 0, "chat", "aaaaaaaaaaaa");
    commit(f, 1, "echo", "bbbbbbbbbbbb");
    commit(f, 2, "talk", "cccccccccccc");
    commit(f, 3, "late", "dddddddddddd"); /* no worker has it yet */
    load(f, 0, "chat", "aaaaaaaaaaaa", "/chat");
    load(f, 0, "echo", "000000000000", "/echo-before");
    load(f, 0, "echo", "bbbbbbbbbbbb", "/echo");
    load(f, 1, "talk", "cccccccccccc", "/talk");
    tg_live_read(f->page, &f->live);
    tg_live_paths(f->page, &f->live, "chat", &f->paths);
    assert_int_equal(f->paths.count, 2);
    assert_string_equal(f->paths.others[0].name, "echo");
    assert_string_equal(f->paths.others[0].path, "/echo");
    assert_string_equal(f->paths.others[1].name, "talk");
    assert_string_equal(f->paths.others[1].path, "/talk");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gateways_with_a_committed_generation_are_live),
        TEST(what_was_removed_is_known_until_its_slot_is_free),
        TEST(what_workers_refused_is_known_by_its_fault),
        TEST(paths_are_those_of_the_live_generations_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
