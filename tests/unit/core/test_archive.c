/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "core/archive.h"
#include "fake_memory.h"

struct fixture {
    struct tg_bundle bundle;
    struct tg_bundle read;
    struct tg_buf archive;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->bundle.name = tg_str_copy(TG_STR("chat"));
    f->bundle.origin = tg_str_copy(TG_STR("/srv/gateways/chat"));
    memcpy(f->bundle.generation, "3f2a1b9c8d7e", sizeof(f->bundle.generation));
    tg_buf_init(&f->archive, TG_ARCHIVE_BYTES_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)fake_memory_heal();
    tg_bundle_fini(&f->bundle);
    tg_bundle_fini(&f->read);
    tg_buf_fini(&f->archive);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *path, struct tg_str content)
{
    assert_int_equal(tg_bundle_add(&f->bundle, tg_str_of(path), content), TG_OK);
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = tg_str_copy(tg_str_of(value));
}

static void add_three(struct fixture *f)
{
    add(f, "gateway.lua", TG_STR("return {}"));
    add(f, "lib-2.lua", TG_STR(""));
    add(f, "lib/rooms.lua", tg_str("\0\xff\r\n", 4));
}

static void assert_is_refused(const char *octets, size_t length)
{
    struct tg_bundle bundle = {.count = 99};

    assert_int_equal(tg_archive_read(tg_str(octets, length), &bundle), TG_ERR_SYNTAX);
    assert_null(bundle.name);
    assert_null(bundle.origin);
    assert_null(bundle.files);
    assert_int_equal(bundle.count, 0);
}

/* Writes what stands in the bundle, past the writer's own rules: the path at the index becomes
 * another of the same length. */
static void assert_path_is_refused(struct fixture *f, uint32_t index, const char *path)
{
    const char *old = f->bundle.files[index].path;

    assert_int_equal(strlen(old), strlen(path));
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    char *at = memmem(f->archive.at, f->archive.length, old, strlen(old));
    assert_non_null(at);
    memcpy(at, path, strlen(path));
    assert_is_refused(f->archive.at, f->archive.length);
}

static void what_was_written_is_read(void **state)
{
    struct fixture *f = *state;

    add_three(f);
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    assert_int_equal(tg_archive_read(tg_buf_str(&f->archive), &f->read), TG_OK);
    assert_string_equal(f->read.name, "chat");
    assert_string_equal(f->read.origin, "/srv/gateways/chat");
    assert_string_equal(f->read.generation, "3f2a1b9c8d7e");
    assert_int_equal(f->read.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal(f->read.files[i].path, f->bundle.files[i].path);
        assert_int_equal(f->read.files[i].length, f->bundle.files[i].length);
        assert_memory_equal(f->read.files[i].content, f->bundle.files[i].content,
                            f->bundle.files[i].length);
    }
}

static void a_bundle_without_files_is_one(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    assert_int_equal(tg_archive_read(tg_buf_str(&f->archive), &f->read), TG_OK);
    assert_int_equal(f->read.count, 0);
    assert_string_equal(f->read.name, "chat");
}

static void nothing_but_a_whole_archive_is_one(void **state)
{
    struct fixture *f = *state;

    add_three(f);
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    for (size_t length = 0; length < f->archive.length; length++) {
        char *part = malloc(length > 0 ? length : 1); /* so that a read past it is seen */
        memcpy(part, f->archive.at, length);
        assert_is_refused(part, length);
        free(part);
    }
    tg_buf_add_char(&f->archive, '\0');
    assert_is_refused(f->archive.at, f->archive.length);
}

static void another_kind_or_version_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    f->archive.at[0] = 'T';
    assert_is_refused(f->archive.at, f->archive.length);
    f->archive.at[0] = 't';
    f->archive.at[8] = 2;
    assert_is_refused(f->archive.at, f->archive.length);
}

static void a_path_that_leaves_the_folder_or_is_no_files_is_refused(void **state)
{
    struct fixture *f = *state;

    add_three(f);
    assert_path_is_refused(f, 0, "../eway.lua");
    assert_path_is_refused(f, 0, "/ateway.lua");
    assert_path_is_refused(f, 0, "g//eway.lua");
    assert_path_is_refused(f, 0, "g/./way.lua");
    assert_path_is_refused(f, 0, "g/.eway.lua");
    assert_path_is_refused(f, 0, "gateway.lu/");
    assert_path_is_refused(f, 0, ".ateway.lua");
    assert_path_is_refused(f, 0, "gate ay.lua");
    assert_path_is_refused(f, 0, "gate\xc3\xa4y.lua");
}

static void paths_out_of_order_or_twice_are_refused(void **state)
{
    struct fixture *f = *state;

    add(f, "aa.lua", TG_STR("1"));
    add(f, "ab.lua", TG_STR("2"));
    assert_path_is_refused(f, 1, "aa.lua");
    assert_path_is_refused(f, 0, "ac.lua");
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
    struct fixture *f = *state;

    set_text(&f->bundle.name, "Chat");
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    set_text(&f->bundle.name, "chat");
    set_text(&f->bundle.origin, "");
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    set_text(&f->bundle.origin, "chat");
    f->bundle.generation[0] = 'x';
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    f->bundle.generation[0] = '\0';
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    f->bundle.generation[0] = 'a';
    add(f, "..", TG_STR("1"));
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    assert_int_equal(f->archive.length, 0);
}

static void a_file_too_large_is_not_written(void **state)
{
    struct fixture *f = *state;

    add(f, "gateway.lua", TG_STR("return {}"));
    f->bundle.files[0].length = TG_BUNDLE_FILE_BYTES_MAX + 1; /* nothing reads so far */
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_ERR_INVALID);
    f->bundle.files[0].length = 9;
}

static void the_largest_bundle_fits(void **state)
{
    struct fixture *f = *state;
    char path[TG_BUNDLE_PATH_MAX + 1];
    static char content[TG_BUNDLE_BYTES_MAX / TG_BUNDLE_FILES_MAX];

    memset(path, 'p', sizeof(path));
    path[TG_BUNDLE_PATH_MAX] = '\0';
    for (uint32_t i = 0; i < TG_BUNDLE_FILES_MAX; i++) {
        (void)snprintf(path, 5, "%04u", i);
        path[4] = 'p';
        add(f, path, tg_str(content, sizeof(content)));
    }
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    assert_int_equal(tg_archive_read(tg_buf_str(&f->archive), &f->read), TG_OK);
    assert_int_equal(f->read.count, TG_BUNDLE_FILES_MAX);
}

static void more_files_than_there_may_be_are_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    f->archive.length -= 2; /* the number of files */
    tg_buf_add(&f->archive, "\x01\x04", 2);
    for (uint32_t i = 0; i < TG_BUNDLE_FILES_MAX + 1; i++) {
        tg_buf_add(&f->archive, "\x04\0\0\0\0\0", 6);
        tg_buf_add_format(&f->archive, "%04u", i);
    }
    assert_is_refused(f->archive.at, f->archive.length);
}

static void a_lack_of_memory_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    bool has_failed = true;

    add_three(f);
    assert_int_equal(tg_archive_write(&f->bundle, &f->archive), TG_OK);
    for (uint32_t i = 0; has_failed; i++) {
        assert_true(i < 100);
        fake_memory_fail_after(i);
        int err = tg_archive_read(tg_buf_str(&f->archive), &f->read);
        has_failed = fake_memory_heal();
        assert_int_equal(err, has_failed ? TG_ERR_NOMEM : TG_OK);
        assert_true(!has_failed || (!f->read.name && !f->read.files));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read),
        TEST(a_bundle_without_files_is_one),
        TEST(nothing_but_a_whole_archive_is_one),
        TEST(another_kind_or_version_is_refused),
        TEST(a_path_that_leaves_the_folder_or_is_no_files_is_refused),
        TEST(paths_out_of_order_or_twice_are_refused),
        TEST(what_could_not_be_read_again_is_not_written),
        TEST(a_file_too_large_is_not_written),
        TEST(the_largest_bundle_fits),
        TEST(more_files_than_there_may_be_are_refused),
        TEST(a_lack_of_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
