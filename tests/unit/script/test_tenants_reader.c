/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "hub/tenants.h"
#include "script/tenants_reader.h"

struct fixture {
    char path[64];
    struct tg_errmsg msg;
    struct tg_buf tenants; /* "id:name " or "id!name " of each, sorted by nobody */
    uint32_t count;
    int answer;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    strcpy(f->path, "/tmp/tidegate-test-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    (void)close(fd);
    tg_buf_init(&f->tenants, 16 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->path);
    tg_buf_fini(&f->tenants);
    free(f);
    return 0;
}

static int on_tenant(void *self, struct tg_str id, bool is_suspended, struct tg_str name)
{
    struct fixture *f = self;

    tg_buf_add_str(&f->tenants, id);
    tg_buf_add_char(&f->tenants, is_suspended ? '!' : ':');
    tg_buf_add_str(&f->tenants, name);
    tg_buf_add_char(&f->tenants, ' ');
    f->count++;
    return f->answer;
}

static int read_text(struct fixture *f, struct tg_str text)
{
    FILE *file = fopen(f->path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
    tg_buf_clear(&f->tenants);
    f->count = 0;
    return tg_tenants_reader_run(f->path, on_tenant, f, &f->msg);
}

static void assert_tenants(struct fixture *f, const char *text, const char *expected)
{
    assert_int_equal(read_text(f, tg_str_of(text)), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&f->tenants), tg_str_of(expected)));
}

static void assert_refused(struct fixture *f, const char *text, const char *rest)
{
    char expected[TG_ERRMSG_BYTES];

    assert_int_not_equal(read_text(f, tg_str_of(text)), TG_OK);
    (void)snprintf(expected, sizeof(expected), "%s%s", f->path, rest);
    assert_string_equal(f->msg.text, expected);
}

static void a_returned_table_is_the_tenants(void **state)
{
    struct fixture *f = *state;

    assert_tenants(f, "return { acme = { name = 'Acme & Co' } }", "acme:Acme & Co ");
    assert_tenants(f, "return { ['a-b_9'] = { suspended = true } }", "a-b_9! ");
    assert_tenants(f, "return { a = { suspended = false, name = '' } }", "a: ");
    assert_tenants(f, "return { a = {} }", "a: ");
    assert_tenants(f, "return {}", "");
}

static void the_file_may_compute_its_table(void **state)
{
    struct fixture *f = *state;

    assert_tenants(f,
                   "local t = {}\nfor i = 1, 1 do t['t' .. i] = { name = 'T' .. i } end\nreturn t",
                   "t1:T1 ");
    assert_tenants(f, "names = { x = {} }\nreturn names", "x: ");
}

static void faults_are_told_where_they_stand(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "return {\n  a = {},\n  b = { nam = 'B' },\n}",
                   ":3: b.nam: unknown field; did you mean name?");
    assert_refused(f, "return {\n\n  [\"b-c\"] = { colour = 'B' },\n}",
                   ":3: b-c.colour: unknown field; a tenant has name and suspended");
    assert_refused(f, "local t = {}\nt.b = {\n  name = 5 }\nreturn t",
                   ":3: b.name: expected a text");
    assert_refused(f, "return { b = {\nsuspended = 'yes' } }",
                   ":2: b.suspended: expected true or false");
    assert_refused(f, "return {\nb = 'Acme' }",
                   ":2: b: expected a table such as { name = \"Acme\" }");
    assert_refused(f, "return {\n Acme = {} }",
                   ":2: Acme: expected an id of 1 to 63 of a-z, 0-9, _ and -");
    assert_refused(f, "return { ['a\\nb'] = {} }",
                   ": a?b: expected an id of 1 to 63 of a-z, 0-9, _ and -");
    assert_refused(f, "return { {} }",
                   ": expected ids as keys: return { acme = { name = \"Acme\" } }");
    assert_refused(f, "return { a = { 'x' } }", ":1: a: expected name and suspended as fields");
    assert_refused(f, "return { a = { name = 'x\\ny' } }",
                   ":1: a.name: expected at most 256 octets of UTF-8, no control characters");
    assert_refused(f, "return { a = { name = '\\255' } }",
                   ":1: a.name: expected at most 256 octets of UTF-8, no control characters");
}

static void what_is_no_table_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "acme = {}", ": expected return { acme = { name = \"Acme\" } } at the end");
    assert_refused(f, "return 5", ": expected return { acme = { name = \"Acme\" } } at the end");
    assert_refused(f, "return {", ":1: unexpected symbol near '<eof>'");
    assert_refused(f, "x = nil\nx()", ":2: attempt to call global 'x' (a nil value)");
}

static void a_file_without_end_is_ended(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "\nwhile true do end", ":2: the file runs for too long");
}

static void what_the_caller_answers_ends_it(void **state)
{
    struct fixture *f = *state;

    f->answer = TG_ERR_NOMEM;
    assert_int_equal(read_text(f, TG_STR("return { a = {}, b = {} }")), TG_ERR_NOMEM);
    assert_int_equal(f->count, 1);
}

/* As many as there may be, in functions that each stay below Lua's limit of constants. */
static void a_hundred_thousand_fit_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct tg_buf text;

    tg_buf_init(&text, 16 << 20);
    tg_buf_add_str(&text, TG_STR("local t = {}\n"));
    for (int i = 0; i < TG_TENANTS_MAX; i++) {
        tg_buf_add_format(&text, "%st['tenant-%d'] = { name = 'Tenant %d' }\n%s",
                          i % 20000 == 0 ? ";(function()\n" : "", i, i,
                          i % 20000 == 19999 ? "end)()\n" : "");
    }
    tg_buf_add_str(&text, TG_STR("return t\n"));
    assert_int_equal(text.err, 0);
    assert_int_equal(read_text(f, tg_buf_str(&text)), TG_OK);
    assert_int_equal(f->count, TG_TENANTS_MAX);
    tg_buf_fini(&text);
    assert_int_equal(
        read_text(f, TG_STR("local t = {} for i = 0, 1e5 do t['t' .. i] = {} end return t")),
        TG_ERR_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_returned_table_is_the_tenants),    TEST(the_file_may_compute_its_table),
        TEST(faults_are_told_where_they_stand),   TEST(what_is_no_table_is_refused),
        TEST(a_file_without_end_is_ended),        TEST(what_the_caller_answers_ends_it),
        TEST(a_hundred_thousand_fit_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
