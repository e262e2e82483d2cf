/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "deploy/validate.h"

struct fixture {
    struct tg_config config;
    struct tg_bundle bundle;
    struct tg_validate_options options;
    struct tg_validate *validate;
    struct tg_fault_list faults;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(tg_config_init(&f->config), TG_OK);
    f->config.load_budget_ms = 100;
    f->config.script_memory = 4 << 20;
    f->bundle.name = tg_str_copy(TG_STR("chat"));
    f->bundle.origin = tg_str_copy(TG_STR("gateways/chat"));
    memcpy(f->bundle.generation, "3f2a1b9c8d7e", sizeof(f->bundle.generation));
    f->options = (struct tg_validate_options){.config = &f->config, .bundle = &f->bundle};
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_validate_end(f->validate);
    tg_bundle_fini(&f->bundle);
    tg_config_fini(&f->config);
    free(f);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    assert_int_equal(errno, ECHILD);
    return 0;
}

static void add(struct fixture *f, const char *path, const char *content)
{
    assert_int_equal(tg_bundle_add(&f->bundle, tg_str_of(path), tg_str_of(content)), TG_OK);
}

static int judge(struct fixture *f)
{
    assert_int_equal(tg_validate_start(&f->options, &f->validate, &f->msg), TG_OK);
    assert_true(tg_validate_fd(f->validate) >= 0);
    assert_true(tg_validate_due_ms(f->validate) > tg_clock_mono_ms(tg_clock_system()));
    return tg_validate_wait(f->validate, &f->faults, &f->msg);
}

static void assert_is_sound(struct fixture *f, const char *gateway_lua)
{
    char line[TG_FAULT_LINE_BYTES];

    add(f, "gateway.lua", gateway_lua);
    if (judge(f) != TG_OK) {
        fail_msg("%s", f->faults.count ? tg_fault_line(&f->faults.items[0], line, sizeof(line))
                                       : f->msg.text);
    }
    assert_int_equal(f->faults.count, 0);
}

/* line is the whole fault as it is printed. */
static void assert_is_faulty(struct fixture *f, const char *gateway_lua, enum tg_fault_step step,
                             const char *line)
{
    char told[TG_FAULT_LINE_BYTES];

    add(f, "gateway.lua", gateway_lua);
    assert_int_equal(judge(f), TG_ERR_INVALID);
    assert_int_equal(f->faults.count, 1);
    assert_string_equal(tg_fault_line(&f->faults.items[0], told, sizeof(told)), line);
    assert_int_equal(f->faults.items[0].step, step);
}

static void a_sound_gateway_is_told_with_its_path(void **state)
{
    struct fixture *f = *state;

    assert_is_sound(f, "return { path = '/chat/:room', events = {} }");
    assert_string_equal(tg_validate_path(f->validate), "/chat/:room");
    assert_false(tg_validate_is_path_taken(f->validate));
}

static void a_syntax_error_has_its_line(void **state)
{
    assert_is_faulty(*state, "local x\nx y", TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:2: '=' expected near 'y'");
}

static void an_error_at_load_has_its_file_and_line(void **state)
{
    struct fixture *f = *state;

    assert_is_faulty(f, "require('lib')", TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:1: module 'lib' not found: no file "
                     "gateways/chat/lib.lua");
}

static void a_wrong_setting_is_told_with_its_key(void **state)
{
    assert_is_faulty(*state, "return { path = 7 }", TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:1: path: expected a string, got number");
}

static void an_endless_load_is_stopped_at_its_budget_with_its_line(void **state)
{
    assert_is_faulty(*state, "local x = 1\nwhile true do x = x + 1 end", TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:2: loading takes longer than load_budget");
}

static void catching_the_error_again_and_again_does_not_help(void **state)
{
    assert_is_faulty(*state, "while true do pcall(function() while true do end end) end",
                     TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:1: loading takes longer than load_budget");
}

static void a_memory_bomb_ends_at_the_cap(void **state)
{
    assert_is_faulty(
        *state, "local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end", TG_FAULT_LOAD,
        "gateways/chat/gateway.lua: not enough memory (limits.script_memory is 4 MiB)");
}

/* Compiled loops can't be stopped: the kernel ends the process. */
static void what_can_not_be_stopped_is_ended_by_a_limit(void **state)
{
    struct fixture *f = *state;

    f->config.load_budget_ms = 10;
    assert_is_faulty(f,
                     "return { path = '/chat', jit = true, selftest = function()\n"
                     "local x = 0 while true do x = (x + 1) % 7 end end }",
                     TG_FAULT_SELFTEST,
                     "gateways/chat/gateway.lua: the process that tried it failed: it used more "
                     "than 2 s of CPU time");
}

static void the_selftest_is_run_after_the_load(void **state)
{
    struct fixture *f = *state;

    assert_is_faulty(f,
                     "local gateway = { path = '/chat', events = {} }\n"
                     "function gateway.selftest() return false, 'no' end\n"
                     "return gateway",
                     TG_FAULT_SELFTEST, "gateways/chat/gateway.lua:2: the selftest failed: no");
    assert_string_equal(tg_validate_path(f->validate), "/chat");
}

static void a_selftest_that_passes_leaves_it_sound(void **state)
{
    assert_is_sound(*state,
                    "return { path = '/chat', selftest = function() return 1 + 1 == 2 end }");
}

static void all_faults_are_told(void **state)
{
    struct fixture *f = *state;
    char told[TG_FAULT_LINE_BYTES];
    static const char *const lines[] = {
        "gateways/chat/a.lua:1: unexpected symbol near '='",
        "gateways/chat/b.lua:2: unexpected symbol near '<eof>'",
        "gateways/chat/gateway.lua:1: path: expected a string, got nil",
        "gateways/chat/gateway.lua:2: unknown key 'pat' (did you mean 'path'?)",
    };

    add(f, "a.lua", "return = 1");
    add(f, "b.lua", "\nreturn (");
    add(f, "gateway.lua", "pcall(require, 'a') return {\npat = '/' }");
    assert_int_equal(judge(f), TG_ERR_INVALID);
    assert_int_equal(f->faults.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_string_equal(tg_fault_line(&f->faults.items[i], told, sizeof(told)), lines[i]);
    }
}

static void what_is_no_lua_is_told_once_though_it_is_required(void **state)
{
    struct fixture *f = *state;

    add(f, "a.lua", "return = 1");
    assert_is_faulty(f, "require 'a'", TG_FAULT_LOAD,
                     "gateways/chat/a.lua:1: unexpected symbol near '='");
}

static void of_a_part_of_a_folder_nothing_is_run(void **state)
{
    struct fixture *f = *state;

    f->options.is_partial = true;
    add(f, "a.lua", "return = 1");
    assert_is_faulty(f, "error('it is run')", TG_FAULT_LOAD,
                     "gateways/chat/a.lua:1: unexpected symbol near '='");
}

static void faults_past_the_bound_are_counted(void **state)
{
    struct fixture *f = *state;

    add(f, "gateway.lua",
        "local e = {} for i = 1, 5000 do e['e' .. i] = i end return { path = '/', events = e }");
    assert_int_equal(judge(f), TG_ERR_INVALID);
    assert_int_equal(f->faults.count, TG_FAULTS_MAX);
    assert_int_equal(f->faults.left_out, 1000);
}

static void the_path_of_another_gateway_is_taken(void **state)
{
    struct fixture *f = *state;
    static const struct tg_validate_other others[] = {{"echo", "/echo"}, {"talk", "/chat/:id"}};

    f->options.others = others;
    f->options.other_count = 2;
    assert_is_faulty(f, "return { path = '/chat/:room', events = {} }", TG_FAULT_LOAD,
                     "gateways/chat/gateway.lua:1: gateways talk and chat are both at the path "
                     "/chat/:room");
    assert_true(tg_validate_is_path_taken(f->validate));
}

static void other_paths_are_in_nobodys_way(void **state)
{
    struct fixture *f = *state;
    static const struct tg_validate_other others[] = {{"echo", "/echo"}, {"talk", "/chat/:id"}};

    f->options.others = others;
    f->options.other_count = 2;
    assert_is_sound(f, "return { path = '/chat', events = {} }");
}

/* The child tells a fault, and goes on for a while: the first step takes it, the last one gives it.
 */
static void a_fault_is_given_with_the_verdict_whenever_it_was_told(void **state)
{
    struct fixture *f = *state;
    struct tg_fault_list thrown_away = {.count = 0};
    int err;

    add(f, "gateway.lua", "error('no')");
    assert_int_equal(tg_validate_start(&f->options, &f->validate, &f->msg), TG_OK);
    for (;;) {
        err = tg_validate_step(f->validate, &f->faults, &f->msg);
        if (err != TG_ERR_INCOMPLETE) {
            break;
        }
        assert_int_equal(f->faults.count, 0);
        f->faults = thrown_away;
    }
    assert_int_equal(err, TG_ERR_INVALID);
    assert_int_equal(f->faults.count, 1);
}

static void what_the_code_does_is_nobody_elses(void **state)
{
    struct fixture *f = *state;

    assert_is_sound(f, "local tide = require 'tidegate' tide.after(1, print)\n"
                       "return { path = '/chat', events = {} }");
}

static void it_may_be_given_up_at_any_time(void **state)
{
    struct fixture *f = *state;

    f->config.load_budget_ms = 60000;
    add(f, "gateway.lua", "while true do end");
    assert_int_equal(tg_validate_start(&f->options, &f->validate, &f->msg), TG_OK);
    assert_int_equal(tg_validate_step(f->validate, &f->faults, &f->msg), TG_ERR_INCOMPLETE);
    tg_validate_end(f->validate);
    f->validate = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_gateway_is_told_with_its_path),
        TEST(a_syntax_error_has_its_line),
        TEST(an_error_at_load_has_its_file_and_line),
        TEST(a_wrong_setting_is_told_with_its_key),
        TEST(an_endless_load_is_stopped_at_its_budget_with_its_line),
        TEST(catching_the_error_again_and_again_does_not_help),
        TEST(a_memory_bomb_ends_at_the_cap),
        TEST(what_can_not_be_stopped_is_ended_by_a_limit),
        TEST(the_selftest_is_run_after_the_load),
        TEST(a_selftest_that_passes_leaves_it_sound),
        TEST(all_faults_are_told),
        TEST(what_is_no_lua_is_told_once_though_it_is_required),
        TEST(of_a_part_of_a_folder_nothing_is_run),
        TEST(faults_past_the_bound_are_counted),
        TEST(the_path_of_another_gateway_is_taken),
        TEST(other_paths_are_in_nobodys_way),
        TEST(a_fault_is_given_with_the_verdict_whenever_it_was_told),
        TEST(what_the_code_does_is_nobody_elses),
        TEST(it_may_be_given_up_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
