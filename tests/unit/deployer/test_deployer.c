/* SPDX-License-Identifier: MIT */
/* What becomes of folders that change: what is told of them, and when. */
#include "fake_supervisor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_folder_that_is_not_live_is_a_candidate(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_commit(f, "echo");
    fake_supervisor_start(f);
    fake_supervisor_expect_root(f, "");
    fake_supervisor_expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_FAULT);
    assert_int_equal(f->bundle.count, 1);
    assert_string_equal(f->bundle.files[0].path, "gateway.lua");
    fake_supervisor_expect_quiet(f);
}

static void a_change_is_told_once_when_it_has_come_to_rest(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_expect_quiet(f);
    for (int i = 0; i < 20; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        fake_supervisor_write_gateway(f, "chat", text);
        assert_false(fake_supervisor_take(f, 50));
    }
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
    assert_non_null(strstr(f->bundle.files[0].content, "-- 19"));
    fake_supervisor_expect_quiet(f);
}

static void a_new_folder_is_told_and_a_touched_one_is_not(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_write_gateway(f, "chat", "first"); /* what it holds already */
    fake_supervisor_make_gateway(f, "talk");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "talk");
    fake_supervisor_expect_quiet(f);
}

static void a_gateway_lua_that_comes_later_is_heard(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/talk");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_write_gateway(f, "talk", "first");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "talk");
}

static void one_that_is_away_for_a_moment_is_heard_when_it_is_back(void **state)
{
    struct fake_supervisor *f = *state;

    f->config.deploy_remove_after_ms = 20000;
    fake_supervisor_start_with_both_live(f);
    fake_disk_unlink(&f->disk, "root/chat/gateway.lua");
    fake_supervisor_expect_quiet(f); /* passes see it without */
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
}

static void a_fault_is_told_once_with_its_place_and_is_over_when_mended(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_write(&f->disk, "root/chat/gateway.lua", "local x\nx y");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "chat");
    assert_int_equal(f->note.fault.step, TG_FAULT_LOAD);
    assert_int_equal(f->note.fault.line, 2);
    assert_int_equal(strlen(f->note.generation), 12);
    assert_string_equal(f->note.fault.text, "'=' expected near 'y'");
    fake_disk_write(&f->disk, "root/chat/gateway.lua", "local x\nx y");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_write_gateway(f, "chat", "mended");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "chat");
    assert_string_equal(f->note.fault.text, "");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
}

static void a_folder_that_can_not_be_read_whole_is_a_fault_of_the_scan(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_link(&f->disk, "/etc/passwd", "root/chat/out.lua");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "chat");
    assert_int_equal(f->note.fault.step, TG_FAULT_SCAN);
    assert_string_equal(f->note.generation, "");
    assert_non_null(strstr(f->note.fault.file, "out.lua"));
    fake_disk_unlink(&f->disk, "root/chat/out.lua");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "chat"); /* what is live is there again */
    assert_string_equal(f->note.fault.text, "");
    fake_supervisor_expect_quiet(f);
}

static void a_name_that_no_gateway_can_have_is_a_fault(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/b\xff"
                               "d");
    fake_disk_write(&f->disk,
                    "root/b\xff"
                    "d/gateway.lua",
                    "return {}");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "b\\xffd");
    assert_int_equal(f->note.fault.step, TG_FAULT_SCAN);
    fake_supervisor_expect_quiet(f);
}

static void what_was_told_is_taken_back_by_what_is_live(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
    fake_supervisor_write_gateway(f, "chat", "first"); /* as it is live still */
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
    assert_non_null(strstr(f->bundle.files[0].content, "-- first"));
    fake_supervisor_expect_quiet(f);
}

static void the_swap_of_a_config_map_is_one_change(void **state)
{
    struct fake_supervisor *f = *state;

    fake_disk_folder(&f->disk, "root/map");
    fake_disk_folder(&f->disk, "root/map/..one");
    fake_disk_folder(&f->disk, "root/map/..two");
    fake_disk_write(&f->disk, "root/map/..one/gateway.lua", "return { path = '/m', events = {} }");
    fake_disk_write(&f->disk, "root/map/..two/gateway.lua", "return { path = '/m2', events = {} }");
    fake_disk_link(&f->disk, "..one", "root/map/..data");
    fake_disk_link(&f->disk, "..data/gateway.lua", "root/map/gateway.lua");
    fake_supervisor_commit(f, "map");
    fake_supervisor_start_with_both_live(f);
    fake_supervisor_expect_quiet(f);
    fake_disk_link(&f->disk, "..two", "root/map/..data_tmp");
    fake_supervisor_move(f, "root/map/..data_tmp", "root/map/..data");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "map");
    assert_non_null(strstr(f->bundle.files[0].content, "/m2"));
    fake_supervisor_expect_quiet(f);
}

static void a_path_that_is_taken_is_tried_again_when_it_is_free(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/talk");
    fake_disk_write(&f->disk, "root/talk/gateway.lua", "return { path = '/echo', events = {} }");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "talk");
    assert_non_null(strstr(f->note.fault.text, "gateways echo and talk are both at the path"));
    tg_gateway_rows_set_path(&f->page->rows[0].gateways, 1, "/elsewhere");
    atomic_fetch_add(&f->page->deploys.changes, 1);
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "talk");
    assert_string_equal(f->note.fault.text, "");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "talk");
}

static void a_scan_judges_anew_what_is_not_live_and_is_answered(void **state)
{
    struct fake_supervisor *f = *state;

    fake_supervisor_start_with_both_live(f);
    fake_supervisor_ask(f, 7);
    fake_supervisor_expect_scanned(f, 7);
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect(f, TG_DEPLOY_CANDIDATE, "chat");
    fake_disk_write(&f->disk, "root/echo/gateway.lua", "error('no')");
    fake_supervisor_expect(f, TG_DEPLOY_FAULT, "echo");
    fake_supervisor_ask(f, 8);
    fake_supervisor_expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_FAULT);
    fake_supervisor_expect_scanned(f, 8);
    fake_supervisor_expect_quiet(f);
}

static void without_watching_a_scan_alone_looks(void **state)
{
    struct fake_supervisor *f = *state;

    f->config.deploy_watch = false;
    fake_supervisor_start(f);
    fake_supervisor_expect_quiet(f);
    fake_supervisor_ask(f, 1);
    fake_supervisor_expect_root(f, "");
    fake_supervisor_expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_CANDIDATE);
    fake_supervisor_expect_scanned(f, 1);
    fake_supervisor_write_gateway(f, "chat", "second");
    fake_supervisor_expect_quiet(f);
    fake_supervisor_expect_quiet(f);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_supervisor_set_up, fake_supervisor_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_folder_that_is_not_live_is_a_candidate),
        TEST(a_change_is_told_once_when_it_has_come_to_rest),
        TEST(a_new_folder_is_told_and_a_touched_one_is_not),
        TEST(a_gateway_lua_that_comes_later_is_heard),
        TEST(one_that_is_away_for_a_moment_is_heard_when_it_is_back),
        TEST(a_fault_is_told_once_with_its_place_and_is_over_when_mended),
        TEST(a_folder_that_can_not_be_read_whole_is_a_fault_of_the_scan),
        TEST(a_name_that_no_gateway_can_have_is_a_fault),
        TEST(what_was_told_is_taken_back_by_what_is_live),
        TEST(the_swap_of_a_config_map_is_one_change),
        TEST(a_path_that_is_taken_is_tried_again_when_it_is_free),
        TEST(a_scan_judges_anew_what_is_not_live_and_is_answered),
        TEST(without_watching_a_scan_alone_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
