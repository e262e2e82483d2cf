/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/deploy_table.h"

enum { SLOT = 5 };

struct fixture {
    struct tg_deploy_table table;
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void commit(struct fixture *f, uint64_t counter, enum tg_deploy_state state)
{
    struct tg_deploy_commit commit = {
        .counter = counter,
        .proven = counter > 1 ? counter - 1 : counter,
        .hash = tg_deploy_table_hash("00ab12cd34ef"),
        .state = state,
        .since_ms = 1000,
        .trial_ends_ms = 31000,
    };
    tg_deploy_table_commit(&f->table, SLOT, &commit);
}

static void a_slot_is_free_until_it_is_bound_and_after(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_view view;

    assert_false(tg_deploy_table_read(&f->table, SLOT, &view));
    tg_deploy_table_bind(&f->table, SLOT, "chat");
    assert_true(tg_deploy_table_read(&f->table, SLOT, &view));
    assert_string_equal(view.name, "chat");
    assert_string_equal(view.generation, "");
    assert_int_equal(view.state, TG_DEPLOY_WAITING);
    assert_false(tg_deploy_table_read(&f->table, SLOT + 1, &view));
    tg_deploy_table_free(&f->table, SLOT);
    assert_false(tg_deploy_table_read(&f->table, SLOT, &view));
    /* Nobody has to look at workers' work for that. */
    assert_int_equal(atomic_load(&f->table.changes), 0);
}

static void a_commit_says_all_at_once_and_is_a_change(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_view view;

    tg_deploy_table_bind(&f->table, SLOT, "chat");
    commit(f, 7, TG_DEPLOY_TRIAL);
    assert_int_equal(atomic_load(&f->table.changes), 1);
    assert_int_equal(atomic_load(&f->table.rows[SLOT].committed), 7);
    assert_true(tg_deploy_table_read(&f->table, SLOT, &view));
    assert_int_equal(view.committed, 7);
    assert_int_equal(view.proven, 6);
    assert_string_equal(view.generation, "00ab12cd34ef");
    assert_int_equal(view.state, TG_DEPLOY_TRIAL);
    assert_int_equal(view.since_ms, 1000);
    assert_int_equal(view.trial_ends_ms, 31000);
    tg_deploy_table_prove(&f->table, SLOT, 7);
    assert_int_equal(atomic_load(&f->table.changes), 2);
    assert_true(tg_deploy_table_read(&f->table, SLOT, &view));
    assert_int_equal(view.proven, 7);
    assert_int_equal(view.state, TG_DEPLOY_LIVE);
    assert_int_equal(view.trial_ends_ms, 0);
}

static void a_slot_that_is_bound_anew_has_nothing_of_the_one_before(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_view view;

    tg_deploy_table_bind(&f->table, SLOT, "chat");
    commit(f, 7, TG_DEPLOY_LIVE);
    atomic_store(&f->table.rows[SLOT].deploys, 7);
    atomic_store(&f->table.rows[SLOT].failures[TG_FAULT_LOAD], 2);
    atomic_store(&f->table.rows[SLOT].fault, 1 + TG_FAULT_LOAD);
    tg_deploy_table_free(&f->table, SLOT);
    assert_int_equal(atomic_load(&f->table.rows[SLOT].fault), 0);
    tg_deploy_table_bind(&f->table, SLOT, "echo");
    assert_true(tg_deploy_table_read(&f->table, SLOT, &view));
    assert_string_equal(view.name, "echo");
    assert_string_equal(view.generation, "");
    assert_int_equal(view.committed, 0);
    assert_int_equal(view.proven, 0);
    assert_int_equal(atomic_load(&f->table.rows[SLOT].deploys), 0);
    assert_int_equal(atomic_load(&f->table.rows[SLOT].failures[TG_FAULT_LOAD]), 0);
}

static void a_row_in_the_midst_of_being_written_is_not_read(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_view view;

    tg_deploy_table_bind(&f->table, SLOT, "chat");
    atomic_fetch_add(&f->table.rows[SLOT].edition, 1);
    assert_false(tg_deploy_table_read(&f->table, SLOT, &view));
}

static void a_writer_that_was_set_aside_is_waited_for(void **state)
{
    struct tg_deploy_table *table =
        mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct tg_deploy_view view;
    int status = 0;

    (void)state;
    assert_ptr_not_equal(table, MAP_FAILED);
    tg_deploy_table_bind(table, SLOT, "chat");
    atomic_fetch_add(&table->rows[SLOT].edition, 1);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        (void)usleep(20000);
        atomic_fetch_add(&table->rows[SLOT].edition, 1);
        _exit(0);
    }
    assert_true(tg_deploy_table_read(table, SLOT, &view));
    assert_string_equal(view.name, "chat");
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(munmap(table, sizeof(*table)), 0);
}

static void a_hash_is_twelve_digits(void **state)
{
    char text[13];

    (void)state;
    tg_deploy_table_hash_text(tg_deploy_table_hash("ffffffffffff"), text);
    assert_string_equal(text, "ffffffffffff");
    tg_deploy_table_hash_text(0, text);
    assert_string_equal(text, "000000000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_slot_is_free_until_it_is_bound_and_after, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_commit_says_all_at_once_and_is_a_change, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_slot_that_is_bound_anew_has_nothing_of_the_one_before,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_in_the_midst_of_being_written_is_not_read, set_up,
                                        tear_down),
        cmocka_unit_test(a_writer_that_was_set_aside_is_waited_for),
        cmocka_unit_test(a_hash_is_twelve_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
