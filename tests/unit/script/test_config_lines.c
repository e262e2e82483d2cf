/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "base/rand.h"
#include "script/config_lines.h"

static void on_key(void *self, struct tg_str key, int line)
{
    tg_buf_add_format(self, "%.*s:%d ", TG_STR_ARGS(key), line);
}

static void assert_lines(const char *source, const char *expected)
{
    struct tg_buf out;

    tg_buf_init(&out, 65536);
    tg_config_lines_walk(tg_str_of(source), on_key, &out);
    tg_buf_add_char(&out, '\0');
    assert_string_equal(out.at, expected);
    tg_buf_fini(&out);
}

static void globals_stand_where_they_are_assigned(void **state)
{
    (void)state;
    assert_lines("a = 1\nb = 2 c = 3\n\nd\n=\n4", "a:1 b:2 c:2 d:4 ");
    assert_lines("", "");
    assert_lines("return 5", ":1 ");
}

static void fields_of_constructors_have_their_own_lines(void **state)
{
    (void)state;
    assert_lines("limits = {\n  rooms = 5,\n  ping_interval = \"25s\"\n}",
                 "limits:1 limits.rooms:2 limits.ping_interval:3 ");
    assert_lines("a = { b = { c = { d = 1 } },\ne = 2 }", "a:1 a.b:1 a.b.c:1 a.b.c.d:1 a.e:2 ");
    assert_lines("a = {}\nb = { }", "a:1 b:2 ");
    assert_lines("a = { b = 1; c = 2; }", "a:1 a.b:1 a.c:1 ");
}

static void fields_of_a_returned_table_have_a_dot_in_front(void **state)
{
    (void)state;
    assert_lines("return {\n  acme = { name = 1 },\n  [\"a-b\"] = {\nsuspended = true } }",
                 ":1 .acme:2 .acme.name:2 .a-b:3 .a-b.suspended:4 ");
    assert_lines("local t = {\na = {} }\nt.b = {}\nreturn t", "t:1 t.a:2 t.b:3 :4 ");
    assert_lines("return", ":1 ");
    assert_lines("return {", ":1 ");
}

static void lists_are_counted(void **state)
{
    (void)state;
    assert_lines("listen = {\n{ address = 1,\nport = 2 },\n{ port = 3 } }",
                 "listen:1 listen[1]:2 listen[1].address:2 listen[1].port:3 listen[2]:4 "
                 "listen[2].port:4 ");
    assert_lines("a = { 1, x = 2,\n3 }", "a:1 a[1]:1 a.x:1 a[2]:2 ");
}

static void keys_may_be_written_in_brackets(void **state)
{
    (void)state;
    assert_lines("a = { [\"b\"] = 1, [ 'c' ] = 2,\n[7] = 3, [x] = 4 }",
                 "a:1 a.b:1 a.c:1 a[7]:2 a[1]:2 ");
    assert_lines("a[\"b\"].c[2] = 1", "a.b.c[2]:1 ");
}

static void statements_may_set_one_field(void **state)
{
    (void)state;
    assert_lines("limits = {}\nlimits.rooms = 5\nlimits . rooms =\n6",
                 "limits:1 limits.rooms:2 limits.rooms:3 ");
}

static void comments_and_texts_hold_no_keys(void **state)
{
    (void)state;
    assert_lines("-- a = 1\n--[[ b = 2\nc = 3 ]] d = 4", "d:3 ");
    assert_lines("--[==[ ]] a = 1 ]=] ]==] b = 2", "b:1 ");
    assert_lines("a = \"b = 1\" c = 'd = 2'", "a:1 c:1 ");
    assert_lines("a = \"\\\" b = 1\" c = 2", "a:1 c:1 ");
    assert_lines("a = [[ b = 1\n ]] c = [=[ ]] d = 1 ]=] e = 3", "a:1 c:2 e:2 ");
    assert_lines("a = { \"x = 1, y = 2\", z = 3 }", "a:1 a[1]:1 a.z:1 ");
}

static void comparisons_are_no_assignments(void **state)
{
    (void)state;
    assert_lines("if a == 1 then b = 2 end\nif c ~= d then e = 1 end c <= f", "b:1 e:2 ");
}

static void values_are_passed_over_with_all_their_brackets(void **state)
{
    (void)state;
    assert_lines("a = { b = f(1, { x = 2 }, 3), c = t[1], d = (1 + 2) * 3,\ne = env \"X\" }",
                 "a:1 a.b:1 a.c:1 a.d:1 a.e:2 ");
}

static void depth_is_bounded(void **state)
{
    char source[1000];
    struct tg_buf out;

    (void)state;
    memset(source, '{', sizeof(source));
    source[0] = 'a';
    source[1] = '=';
    tg_buf_init(&out, 1 << 20);
    tg_config_lines_walk(tg_str(source, sizeof(source)), on_key, &out);
    assert_int_equal(out.err, 0);
    /* "a:1 a[1]:1 a[1][1]:1 ..." to a depth of 16. */
    assert_int_equal(out.length, 4 + 16 * 4 + 3 * (16 * 17 / 2));
    tg_buf_fini(&out);
}

static void a_key_too_long_is_left_out(void **state)
{
    char source[1024];
    char name[301];

    (void)state;
    memset(name, 'n', 300);
    name[300] = '\0';
    snprintf(source, sizeof(source), "%s = { a = 1 } b = { %s = { c = 2 }, d = 3 }", name, name);
    assert_lines(source, "b:1 b.d:1 ");
}

static void count_key(void *self, struct tg_str key, int line)
{
    uint32_t *count = self;

    assert_true(key.length > 0 && key.length < 256);
    assert_true(line >= 1);
    (*count)++;
}

/* Whatever stands there, it ends, and nothing outside of the source is read. */
static void any_heap_of_tokens_is_walked_to_its_end(void **state)
{
    static const char *const tokens[] = {"a = ", "b=", "c={", "{",  "}",  "},", ",", "a",
                                         "b",    "=",  "==",  "[",  "]",  "(",  ")", ".",
                                         ";",    "1",  " ",   "\n", "\n", "\"", "'", "--",
                                         "[[",   "]]", "[=[", "]=", "\\", "\0", "]"};
    struct tg_rand rand;
    uint32_t count = 0;

    (void)state;
    tg_rand_seed(&rand, 9);
    for (int n = 0; n < 20000; n++) {
        struct tg_buf source;
        uint64_t many = tg_rand_below(&rand, 100);
        tg_buf_init(&source, 1024);
        for (uint64_t i = 0; i < many; i++) {
            const char *token = tokens[tg_rand_below(&rand, sizeof(tokens) / sizeof(tokens[0]))];
            tg_buf_add(&source, token, *token ? strlen(token) : 1);
        }
        /* In memory that ends where the source ends. */
        char *exact = malloc(source.length + 1);
        for (size_t i = 0; i < source.length; i++) {
            exact[i + 1] = source.at[i];
        }
        tg_config_lines_walk(tg_str(exact + 1, source.length), count_key, &count);
        free(exact);
        tg_buf_fini(&source);
    }
    print_message("%u assignments found\n", count);
    assert_true(count > 1000);
}

static void the_commas_in_a_function_are_none_of_its_table(void **state)
{
    (void)state;
    assert_lines("return {\n  a = function(x)\n    local b, c = 1, 2\n    if x then d = 1, 2 end\n"
                 "    for i = 1, 2 do while x do repeat x = 1, 2 until y end end\n"
                 "    return { e = 1 }\n  end,\n  f = 1,\n}",
                 ":1 .a:2 .f:8 ");
    assert_lines("return { a = end, b = until, c = 1 }", ":1 .a:1 .b:1 .c:1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globals_stand_where_they_are_assigned),
        cmocka_unit_test(fields_of_constructors_have_their_own_lines),
        cmocka_unit_test(fields_of_a_returned_table_have_a_dot_in_front),
        cmocka_unit_test(lists_are_counted),
        cmocka_unit_test(keys_may_be_written_in_brackets),
        cmocka_unit_test(statements_may_set_one_field),
        cmocka_unit_test(comments_and_texts_hold_no_keys),
        cmocka_unit_test(comparisons_are_no_assignments),
        cmocka_unit_test(values_are_passed_over_with_all_their_brackets),
        cmocka_unit_test(the_commas_in_a_function_are_none_of_its_table),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_key_too_long_is_left_out),
        cmocka_unit_test(any_heap_of_tokens_is_walked_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
