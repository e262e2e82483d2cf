/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/loading.h"

struct fixture {
    char path[64];
    struct tg_source source;
    struct tg_errmsg msg;
    struct tg_loading *loading;
    struct tg_str text;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    strcpy(f->path, "/tmp/tidegate-test-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    (void)close(fd);
    f->source = (struct tg_source){
        .document = TG_DOCUMENT_REVOCATIONS, .path = f->path, .deadline_ms = 20000};
    *state = f;
    return 0;
}

/* No child may be left behind by any test. */
static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->path);
    tg_loading_end(f->loading);
    free(f);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static void put(struct fixture *f, struct tg_str text)
{
    FILE *file = fopen(f->path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
}

static int load(struct fixture *f)
{
    tg_loading_end(f->loading);
    return tg_loading_run(&f->source, &f->loading, &f->text, &f->msg);
}

static void assert_message(struct fixture *f, const char *rest)
{
    char expected[TG_ERRMSG_BYTES];

    (void)snprintf(expected, sizeof(expected), "%s%s", f->path, rest);
    assert_string_equal(f->msg.text, expected);
}

static void a_file_of_revocations_becomes_their_document(void **state)
{
    struct fixture *f = *state;

    put(f, TG_STR("# gone\nsub  alice\n"));
    assert_int_equal(load(f), TG_OK);
    assert_true(tg_str_is(f->text, TG_STR("sub alice\n")));
    put(f, TG_STR(""));
    assert_int_equal(load(f), TG_OK);
    assert_int_equal(f->text.length, 0);
}

static void a_tenants_file_becomes_their_document(void **state)
{
    struct fixture *f = *state;

    f->source.document = TG_DOCUMENT_TENANTS;
    put(f, TG_STR("return { acme = { name = 'Acme' } }"));
    assert_int_equal(load(f), TG_OK);
    assert_true(tg_str_is(f->text, TG_STR("acme\tactive\tAcme\n")));
    put(f, TG_STR("return { c = {}, ['a-b'] = {}, b = {}, a = {} }"));
    assert_int_equal(load(f), TG_OK);
    assert_true(
        tg_str_is(f->text, TG_STR("a\tactive\t\na-b\tactive\t\nb\tactive\t\nc\tactive\t\n")));
    put(f, TG_STR("return { old = { suspended = true } }"));
    assert_int_equal(load(f), TG_OK);
    assert_true(tg_str_is(f->text, TG_STR("old\tsuspended\t\n")));
}

static void large_texts_come_whole(void **state)
{
    struct fixture *f = *state;
    struct tg_buf text;

    tg_buf_init(&text, 8 << 20);
    for (int i = 0; i < 90000; i++) {
        tg_buf_add_format(&text, "sub user-%d-of-a-large-house\n", i);
    }
    put(f, tg_buf_str(&text));
    assert_int_equal(load(f), TG_OK);
    assert_true(tg_str_is(f->text, tg_buf_str(&text)));
    tg_buf_fini(&text);
}

static void faults_are_told_with_file_and_line(void **state)
{
    struct fixture *f = *state;

    put(f, TG_STR("sub alice\nnonsense\n"));
    assert_int_equal(load(f), TG_ERR_SYNTAX);
    assert_message(f, ":2: expected \"jti VALUE\", \"sub VALUE\" or \"tenant VALUE\"");
    f->source.document = TG_DOCUMENT_TENANTS;
    put(f, TG_STR("return {\n  acme = { nme = 'Acme' },\n}"));
    assert_int_equal(load(f), TG_ERR_INVALID);
    assert_message(f, ":2: acme.nme: unknown field; did you mean name?");
}

static void a_missing_file_and_a_fifo_are_told_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(load(f), TG_ERR_IO);
    assert_message(f, ": cannot be opened: No such file or directory");
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(load(f), TG_ERR_IO);
    assert_message(f, ": not a regular file");
    f->source.document = TG_DOCUMENT_TENANTS;
    assert_int_equal(load(f), TG_ERR_IO);
}

static void lua_that_never_ends_is_ended(void **state)
{
    struct fixture *f = *state;

    f->source.document = TG_DOCUMENT_TENANTS;
    put(f, TG_STR("while true do end"));
    assert_int_equal(load(f), TG_ERR_SCRIPT);
    assert_message(f, ":1: the file runs for too long");
}

static void lua_that_takes_all_memory_is_ended(void **state)
{
    struct fixture *f = *state;

    f->source.document = TG_DOCUMENT_TENANTS;
    put(f, TG_STR("local t = 'x' for i = 1, 40 do t = t .. t end return {}"));
    assert_int_equal(load(f), TG_ERR_SCRIPT);
    assert_message(f, ": not enough memory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_of_revocations_becomes_their_document),
        TEST(a_tenants_file_becomes_their_document),
        TEST(large_texts_come_whole),
        TEST(faults_are_told_with_file_and_line),
        TEST(a_missing_file_and_a_fifo_are_told_at_once),
        TEST(lua_that_never_ends_is_ended),
        TEST(lua_that_takes_all_memory_is_ended),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
