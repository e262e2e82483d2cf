/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { LIMIT = 64 << 10 };

struct fixture {
    char path[64];
    struct tg_buf out;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    strcpy(f->path, "/tmp/tidegate-test-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    (void)close(fd);
    tg_buf_init(&f->out, LIMIT);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->path);
    tg_buf_fini(&f->out);
    free(f);
    return 0;
}

static void put(struct fixture *f, size_t length)
{
    FILE *file = fopen(f->path, "we");

    assert_non_null(file);
    for (size_t i = 0; i < length; i++) {
        assert_int_not_equal(fputc((int)('a' + i % 26), file), EOF);
    }
    assert_int_equal(fclose(file), 0);
}

static void assert_message(struct fixture *f, const char *rest)
{
    char expected[TG_ERRMSG_BYTES];

    (void)snprintf(expected, sizeof(expected), "%s%s", f->path, rest);
    assert_string_equal(f->msg.text, expected);
}

static void a_file_is_read_whole(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_file_read(f->path, &f->out, &f->msg), TG_OK);
    assert_int_equal(f->out.length, 0);
    put(f, LIMIT);
    assert_int_equal(tg_file_read(f->path, &f->out, &f->msg), TG_OK);
    assert_int_equal(f->out.length, LIMIT);
    assert_int_equal(f->out.at[LIMIT - 1], 'a' + (LIMIT - 1) % 26);
}

static void one_octet_too_many_is_refused(void **state)
{
    struct fixture *f = *state;

    put(f, LIMIT + 1);
    assert_int_equal(tg_file_read(f->path, &f->out, &f->msg), TG_ERR_TOO_LARGE);
    assert_message(f, ": expected at most 64 KiB");
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(tg_file_read(f->path, &f->out, &f->msg), TG_ERR_IO);
    assert_message(f, ": cannot be opened: No such file or directory");
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(tg_file_read(f->path, &f->out, &f->msg), TG_ERR_IO);
    assert_message(f, ": not a regular file");
    assert_int_equal(tg_file_read("/dev/zero", &f->out, &f->msg), TG_ERR_IO);
    assert_int_equal(tg_file_read("/", &f->out, &f->msg), TG_ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_whole),
        TEST(one_octet_too_many_is_refused),
        TEST(what_is_no_file_is_refused_without_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
