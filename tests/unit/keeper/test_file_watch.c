/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/file_watch.h"

struct fixture {
    char folder[64];
    char path[128];
    char other[128];
    struct tg_file_watch watch;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    strcpy(f->folder, "/tmp/tidegate-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->path, sizeof(f->path), "%s/file", f->folder);
    (void)snprintf(f->other, sizeof(f->other), "%s/other", f->folder);
    f->watch.path = f->path;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->path);
    (void)unlink(f->other);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static void put(const char *path, const char *text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

/* A tick of the clock that files are stamped with. */
static void pause_a_tick(void)
{
    (void)usleep(20000);
}

/* Looks until the file rests, then reads. */
static void read_once(struct fixture *f)
{
    (void)tg_file_watch_look(&f->watch);
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_settle(&f->watch));
    assert_false(tg_file_watch_look(&f->watch));
    pause_a_tick();
}

/* The change is seen by a first look, and taken at the second. */
static void assert_seen(struct fixture *f)
{
    assert_false(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_settle(&f->watch));
    assert_false(tg_file_watch_look(&f->watch));
    pause_a_tick();
}

static void a_file_is_read_once_it_has_rested_for_two_looks(void **state)
{
    struct fixture *f = *state;

    put(f->path, "one", 0);
    assert_false(tg_file_watch_look(&f->watch));
    pause_a_tick();
    put(f->path, "two", O_TRUNC);
    assert_false(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_settle(&f->watch));
    assert_false(tg_file_watch_look(&f->watch));
}

static void writes_renames_and_touches_are_seen(void **state)
{
    struct fixture *f = *state;

    put(f->path, "one", 0);
    read_once(f);
    put(f->path, "two", O_TRUNC);
    assert_seen(f);
    put(f->path, "more", O_APPEND);
    assert_seen(f);
    put(f->other, "tre", 0);
    assert_int_equal(rename(f->other, f->path), 0);
    assert_seen(f);
    /* The times of an older file, as rsync sets them. */
    const struct timespec old[2] = {{.tv_sec = 5}, {.tv_sec = 5}};
    assert_int_equal(utimensat(AT_FDCWD, f->path, old, 0), 0);
    assert_seen(f);
}

static void the_swap_of_a_link_is_seen(void **state)
{
    struct fixture *f = *state;
    char link[160];
    char one[160];
    char two[160];

    (void)snprintf(one, sizeof(one), "%s/one", f->folder);
    (void)snprintf(two, sizeof(two), "%s/two", f->folder);
    (void)snprintf(link, sizeof(link), "%s/new", f->folder);
    put(one, "same", 0);
    put(two, "same", 0);
    assert_int_equal(symlink(one, f->path), 0);
    read_once(f);
    assert_int_equal(symlink(two, link), 0);
    assert_int_equal(rename(link, f->path), 0);
    assert_seen(f);
    (void)unlink(one);
    (void)unlink(two);
}

static void a_missing_file_is_a_change_and_its_return_too(void **state)
{
    struct fixture *f = *state;

    put(f->path, "one", 0);
    read_once(f);
    assert_int_equal(rename(f->path, f->other), 0);
    assert_seen(f);
    assert_int_equal(rename(f->other, f->path), 0);
    assert_seen(f);
}

static void what_changed_while_it_was_read_is_read_again(void **state)
{
    struct fixture *f = *state;

    put(f->path, "one", 0);
    assert_false(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_look(&f->watch));
    pause_a_tick();
    put(f->path, "two", O_TRUNC);
    assert_false(tg_file_watch_settle(&f->watch));
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_settle(&f->watch));
    assert_false(tg_file_watch_look(&f->watch));
}

static void a_file_that_was_no_good_is_read_again_as_it_is(void **state)
{
    struct fixture *f = *state;

    put(f->path, "one", 0);
    read_once(f);
    tg_file_watch_forget(&f->watch);
    assert_true(tg_file_watch_look(&f->watch));
    assert_true(tg_file_watch_settle(&f->watch));
    assert_false(tg_file_watch_look(&f->watch));
    /* One in the making is left alone all the same. */
    tg_file_watch_forget(&f->watch);
    put(f->path, "two", O_APPEND);
    assert_seen(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_once_it_has_rested_for_two_looks),
        TEST(writes_renames_and_touches_are_seen),
        TEST(the_swap_of_a_link_is_seen),
        TEST(a_missing_file_is_a_change_and_its_return_too),
        TEST(what_changed_while_it_was_read_is_read_again),
        TEST(a_file_that_was_no_good_is_read_again_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
