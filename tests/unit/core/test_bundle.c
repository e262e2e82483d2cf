/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/log.h"
#include "core/bundle.h"

struct fixture {
    struct tg_bundle bundle;
    int lines;
};

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    struct fixture *f = self;

    (void)level;
    (void)line;
    f->lines++;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_log_set_sink(on_line, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_log_set_sink(NULL, NULL);
    tg_bundle_fini(&f->bundle);
    free(f);
    return 0;
}

static void assert_finds(const struct fixture *f, const char *path, const char *content)
{
    const struct tg_bundle_file *file = tg_bundle_find(&f->bundle, tg_str_of(path));

    assert_non_null(file);
    assert_string_equal(file->path, path);
    assert_true(tg_str_is(tg_str(file->content, file->length), tg_str_of(content)));
}

static void files_are_found_by_their_path(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("gateway.lua"), TG_STR("return {}")), TG_OK);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("lib.lua"), TG_STR("2")), TG_OK);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("lib/a.lua"), TG_STR("")), TG_OK);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("lib/ab.lua"), TG_STR("4")), TG_OK);
    assert_finds(f, "gateway.lua", "return {}");
    assert_finds(f, "lib.lua", "2");
    assert_finds(f, "lib/a.lua", "");
    assert_finds(f, "lib/ab.lua", "4");
    assert_null(tg_bundle_find(&f->bundle, TG_STR("lib")));
    assert_null(tg_bundle_find(&f->bundle, TG_STR("lib/a.luac")));
    assert_null(tg_bundle_find(&f->bundle, tg_str(NULL, 0)));
}

static void an_empty_bundle_has_no_files(void **state)
{
    struct fixture *f = *state;

    assert_null(tg_bundle_find(&f->bundle, TG_STR("gateway.lua")));
}

static void content_is_copied_with_its_zeroes(void **state)
{
    struct fixture *f = *state;
    char content[] = "a\0b";

    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("x"), tg_str(content, 3)), TG_OK);
    content[0] = 'z';
    const struct tg_bundle_file *file = tg_bundle_find(&f->bundle, TG_STR("x"));
    assert_int_equal(file->length, 3);
    assert_memory_equal(file->content, "a\0b", 4);
}

static void what_is_out_of_order_or_there_already_is_refused_and_logged(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("b"), TG_STR("")), TG_OK);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("a"), TG_STR("")), TG_ERR_INVALID);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("b"), TG_STR("")), TG_ERR_INVALID);
    assert_int_equal(f->lines, 2);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR(""), TG_STR("")), TG_ERR_INVALID);
    assert_int_equal(f->bundle.count, 1);
}

static void a_file_a_path_and_a_bundle_have_their_largest_size(void **state)
{
    struct fixture *f = *state;
    char *content = calloc(1, TG_BUNDLE_FILE_BYTES_MAX + 1);
    char path[TG_BUNDLE_PATH_MAX + 1];

    memset(path, 'a', sizeof(path));
    assert_int_equal(tg_bundle_add(&f->bundle, tg_str(path, sizeof(path)), TG_STR("")),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(tg_bundle_add(&f->bundle, tg_str(path, sizeof(path) - 1), TG_STR("")), TG_OK);
    assert_int_equal(
        tg_bundle_add(&f->bundle, TG_STR("b"), tg_str(content, TG_BUNDLE_FILE_BYTES_MAX + 1)),
        TG_ERR_TOO_LARGE);
    for (int i = 0; i < TG_BUNDLE_BYTES_MAX / TG_BUNDLE_FILE_BYTES_MAX; i++) {
        char name[2] = {(char)('b' + i), '\0'};
        assert_int_equal(
            tg_bundle_add(&f->bundle, tg_str_of(name), tg_str(content, TG_BUNDLE_FILE_BYTES_MAX)),
            TG_OK);
    }
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("z"), TG_STR("1")), TG_ERR_TOO_LARGE);
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("z"), TG_STR("")), TG_OK);
    free(content);
}

static void a_bundle_holds_so_many_files(void **state)
{
    struct fixture *f = *state;
    char path[16];

    for (int i = 0; i < TG_BUNDLE_FILES_MAX; i++) {
        snprintf(path, sizeof(path), "f%05d", i);
        assert_int_equal(tg_bundle_add(&f->bundle, tg_str_of(path), TG_STR("x")), TG_OK);
    }
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("g"), TG_STR("x")), TG_ERR_FULL);
    for (int i = 0; i < TG_BUNDLE_FILES_MAX; i++) {
        snprintf(path, sizeof(path), "f%05d", i);
        assert_finds(f, path, "x");
    }
}

static void after_fini_it_holds_nothing(void **state)
{
    struct fixture *f = *state;

    f->bundle.name = tg_str_copy(TG_STR("chat"));
    f->bundle.origin = tg_str_copy(TG_STR("gateways/chat"));
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("x"), TG_STR("y")), TG_OK);
    tg_bundle_fini(&f->bundle);
    assert_null(f->bundle.files);
    assert_null(f->bundle.name);
    assert_int_equal(f->bundle.count, 0);
    tg_bundle_fini(&f->bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(files_are_found_by_their_path),
        TEST(an_empty_bundle_has_no_files),
        TEST(content_is_copied_with_its_zeroes),
        TEST(what_is_out_of_order_or_there_already_is_refused_and_logged),
        TEST(a_file_a_path_and_a_bundle_have_their_largest_size),
        TEST(a_bundle_holds_so_many_files),
        TEST(after_fini_it_holds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
