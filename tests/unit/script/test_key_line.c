/* SPDX-License-Identifier: MIT */
#include "script/key_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_line(const char *source, const char *path, int line)
{
    assert_int_equal(tg_key_line(tg_str_of(source), tg_str_of(path)).line, line);
}

static const char whole[] = "local events = {}\n"                                  /* 1 */
                            "events[\"a::b\"] = 5\n"                               /* 2 */
                            "function events.greet(_, data)\n"                     /* 3 */
                            "  return { path = 1, text = 2 }\n"                    /* 4 */
                            "end\n"                                                /* 5 */
                            "return {\n"                                           /* 6 */
                            "  pat = \"/x\",\n"                                    /* 7 */
                            "  events = events,\n"                                 /* 8 */
                            "  origins = { \"*\",\n"                               /* 9 */
                            "    1 },\n"                                           /* 10 */
                            "  limits = {\n"                                       /* 11 */
                            "    message_bytes = 0,\n"                             /* 12 */
                            "  },\n"                                               /* 13 */
                            "  on_connect = function() return { auth = 1 } end,\n" /* 14 */
                            "  auth = 5,\n"                                        /* 15 */
                            "}\n";                                                 /* 16 */

static void a_key_of_the_returned_table_is_found(void **state)
{
    (void)state;
    assert_line(whole, "pat", 7);
    assert_line(whole, "limits.message_bytes", 12);
    assert_line(whole, "origins[2]", 10);
    assert_line(whole, "auth", 15);
}

static void a_key_of_a_table_by_the_setting_s_name_is_found(void **state)
{
    (void)state;
    assert_line(whole, "events.\"a::b\"", 2);
}

static void a_function_that_returns_one_is_passed_over(void **state)
{
    (void)state;
    assert_line("local function with(handler)\n"
                "  return function() return handler() end\n"
                "end\n"
                "return {\n"
                "  auth = 1,\n"
                "}",
                "auth", 5);
}

static void what_is_not_there_stands_where_its_setting_does(void **state)
{
    (void)state;
    assert_line(whole, "events.\"other\"", 8);
    assert_line(whole, "limits.messages", 11);
    assert_line(whole, "events.\"greet\"", 8);
}

static void what_has_no_place_stands_at_the_last_return(void **state)
{
    (void)state;
    assert_line(whole, "path", 6);
    assert_line(whole, "text", 6);
    assert_line(whole, "", 6);
    assert_line("local x = 1\nlocal path = 2\nreturn require 'lib.gateway'\n", "path", 3);
    assert_line("local x = 1", "path", 0);
    assert_line("", "path", 0);
}

static void a_table_that_is_returned_by_its_name_is_found(void **state)
{
    static const char source[] = "local gateway = {\n"
                                 "  auth = 1,\n"
                                 "}\n"
                                 "gateway.path = 7\n"
                                 "gateway.limits = {\n"
                                 "  message_bytes = 0 }\n"
                                 "path = 5\n"
                                 "  return gateway ;\r\n"
                                 "-- the end\n";

    (void)state;
    assert_line(source, "auth", 2);
    assert_line(source, "path", 4);
    assert_line(source, "limits.message_bytes", 6);
    assert_line(source, "tenant", 8);
}

static void the_later_of_two_places_counts(void **state)
{
    (void)state;
    assert_line("local g = {}\ng.path = 1\ng.path = 2\nreturn g", "path", 3);
    assert_line("local events = {}\nevents.a = 1\nevents.a = 2\nreturn { events = events }",
                "events.\"a\"", 3);
}

static void a_table_that_is_handed_to_a_function_is_found(void **state)
{
    (void)state;
    assert_line("return setmetatable({\n  auth = 1,\n}, {})", "auth", 2);
    assert_line("return gateway {\n  auth = 1,\n}", "auth", 2);
    assert_line("return gateway(\n  auth)", "auth", 1);
    assert_line("return function()\n  return { auth = 1 }\nend", "auth", 1);
}

static void it_is_told_whether_the_key_itself_stands_there(void **state)
{
    (void)state;
    assert_true(tg_key_line(tg_str_of(whole), TG_STR("pat")).is_exact);
    assert_true(tg_key_line(tg_str_of(whole), TG_STR("events.\"a::b\"")).is_exact);
    assert_false(tg_key_line(tg_str_of(whole), TG_STR("events.\"greet\"")).is_exact);
    assert_false(tg_key_line(tg_str_of(whole), TG_STR("path")).is_exact);
}

static void assert_module(const char *source, const char *name)
{
    assert_true(tg_str_is(tg_key_line_module(tg_str_of(source)), tg_str_of(name)));
}

static void a_table_of_another_file_is_followed(void **state)
{
    (void)state;
    assert_module("-- x\nreturn require \"lib.chat\"\n", "lib.chat");
    assert_module("return require('lib.chat');\r\n", "lib.chat");
    assert_module("return require ( 'lib.chat' )", "lib.chat");
    assert_module("return requires 'lib.chat'", "");
    assert_module("return require(name)", "");
    assert_module("return require 'lib.chat\"", "");
    assert_module("return require 'a'\nreturn {}", "");
    assert_module("return require", "");
    assert_module("return", "");
    assert_module("", "");
}

static void a_path_of_any_length_is_borne(void **state)
{
    char path[1000];

    (void)state;
    memset(path, 'x', sizeof(path));
    assert_int_equal(tg_key_line(TG_STR("\nreturn {}"), tg_str(path, sizeof(path))).line, 2);
    memset(path, '"', sizeof(path));
    assert_int_equal(tg_key_line(TG_STR("\nreturn {}"), tg_str(path, sizeof(path))).line, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_the_returned_table_is_found),
        cmocka_unit_test(a_key_of_a_table_by_the_setting_s_name_is_found),
        cmocka_unit_test(a_function_that_returns_one_is_passed_over),
        cmocka_unit_test(what_is_not_there_stands_where_its_setting_does),
        cmocka_unit_test(what_has_no_place_stands_at_the_last_return),
        cmocka_unit_test(a_table_that_is_returned_by_its_name_is_found),
        cmocka_unit_test(the_later_of_two_places_counts),
        cmocka_unit_test(a_table_that_is_handed_to_a_function_is_found),
        cmocka_unit_test(it_is_told_whether_the_key_itself_stands_there),
        cmocka_unit_test(a_table_of_another_file_is_followed),
        cmocka_unit_test(a_path_of_any_length_is_borne),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
