/* SPDX-License-Identifier: MIT */
#include "deployer/watches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_disk.h"

enum { ROOT = 0, CHAT = 7, ECHO = 9 };

struct fixture {
    struct fake_disk disk; /* holds chat/ and echo/ */
    struct tg_watches *watches;
    uint32_t heard[10]; /* by owner */
};

static void add(struct fixture *f, const char *path, uint64_t owner)
{
    char full[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, path, full);
    tg_watches_add(f->watches, full, owner);
}

static void watch_all(struct fixture *f)
{
    tg_watches_begin(f->watches);
    add(f, "", ROOT);
    add(f, "chat", CHAT);
    add(f, "echo", ECHO);
    tg_watches_end(f->watches);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.watches = tg_watches_create()};
    assert_non_null(fixture.watches);
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "chat");
    fake_disk_folder(&fixture.disk, "echo");
    watch_all(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_watches_destroy(f->watches);
    fake_disk_remove(&f->disk);
    return 0;
}

static void on_change(void *self, uint64_t owner)
{
    struct fixture *f = self;

    assert_in_range(owner, 0, 9);
    f->heard[owner]++;
}

static void assert_heard(struct fixture *f, bool root, bool chat, bool echo)
{
    memset(f->heard, 0, sizeof(f->heard));
    assert_true(tg_watches_read(f->watches, on_change, f));
    assert_int_equal(f->heard[ROOT] > 0, root);
    assert_int_equal(f->heard[CHAT] > 0, chat);
    assert_int_equal(f->heard[ECHO] > 0, echo);
}

static void nothing_is_heard_when_nothing_happens(void **state)
{
    struct fixture *f = *state;

    assert_heard(f, false, false, false);
    assert_false(tg_watches_is_short(f->watches));
}

static void a_change_is_heard_as_its_owners(void **state)
{
    struct fixture *f = *state;

    fake_disk_write(&f->disk, "chat/gateway.lua", "1");
    assert_heard(f, false, true, false);
    fake_disk_unlink(&f->disk, "chat/gateway.lua");
    assert_heard(f, false, true, false);
    fake_disk_folder(&f->disk, "more");
    assert_heard(f, true, false, false);
}

static void the_swap_of_a_hidden_link_is_heard(void **state)
{
    struct fixture *f = *state;
    char from[FAKE_DISK_PATH];
    char to[FAKE_DISK_PATH];

    fake_disk_folder(&f->disk, "chat/..two");
    fake_disk_link(&f->disk, "..one", "chat/..data");
    fake_disk_link(&f->disk, "..two", "chat/..data_tmp");
    assert_heard(f, false, true, false);
    fake_disk_path(&f->disk, "chat/..data_tmp", from);
    fake_disk_path(&f->disk, "chat/..data", to);
    assert_int_equal(rename(from, to), 0);
    assert_heard(f, false, true, false);
}

static void reading_is_no_change(void **state)
{
    struct fixture *f = *state;
    char path[FAKE_DISK_PATH];
    char text[8];

    fake_disk_write(&f->disk, "chat/gateway.lua", "1");
    assert_heard(f, false, true, false);
    fake_disk_path(&f->disk, "chat/gateway.lua", path);
    FILE *file = fopen(path, "re");
    assert_non_null(fgets(text, sizeof(text), file));
    assert_int_equal(fclose(file), 0);
    assert_heard(f, false, false, false);
}

static void a_folder_that_is_not_added_again_is_let_go(void **state)
{
    struct fixture *f = *state;

    tg_watches_begin(f->watches);
    add(f, "", ROOT);
    add(f, "chat", CHAT);
    tg_watches_end(f->watches);
    fake_disk_write(&f->disk, "echo/gateway.lua", "1");
    fake_disk_write(&f->disk, "chat/gateway.lua", "1");
    assert_heard(f, false, true, false);
    watch_all(f);
    fake_disk_write(&f->disk, "echo/gateway.lua", "2");
    assert_heard(f, false, false, true);
}

static void a_folder_that_went_is_heard_and_can_be_made_again(void **state)
{
    struct fixture *f = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, "echo", path);
    assert_int_equal(remove(path), 0);
    assert_heard(f, true, false, true);
    watch_all(f);
    assert_false(tg_watches_is_short(f->watches));
    fake_disk_folder(&f->disk, "echo");
    assert_heard(f, true, false, false);
    watch_all(f);
    fake_disk_write(&f->disk, "echo/gateway.lua", "1");
    assert_heard(f, false, false, true);
}

static void more_folders_than_may_be_watched_are_told(void **state)
{
    struct fixture *f = *state;
    char path[32];

    tg_watches_begin(f->watches);
    for (int i = 0; i <= TG_WATCHES_MAX; i++) {
        (void)snprintf(path, sizeof(path), "chat/%d", i);
        fake_disk_folder(&f->disk, path);
        add(f, path, CHAT);
    }
    tg_watches_end(f->watches);
    assert_true(tg_watches_is_short(f->watches));
    watch_all(f);
    assert_false(tg_watches_is_short(f->watches));
}

static void what_the_kernel_lost_is_told(void **state)
{
    struct fixture *f = *state;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    long most = 0;
    char number[32] = "";

    assert_non_null(file);
    assert_non_null(fgets(number, sizeof(number), file));
    assert_int_equal(fclose(file), 0);
    most = strtol(number, NULL, 10);
    if (most <= 0 || most > 100000) {
        skip();
    }
    /* Alternating names, since equal events in a row are one. */
    for (long i = 0; i <= most; i++) {
        fake_disk_write(&f->disk, i % 2 ? "chat/a" : "chat/b", "");
    }
    bool is_whole = true;
    for (int i = 0; i < 100 && is_whole; i++) {
        is_whole = tg_watches_read(f->watches, on_change, f);
    }
    assert_false(is_whole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_heard_when_nothing_happens),
        TEST(a_change_is_heard_as_its_owners),
        TEST(the_swap_of_a_hidden_link_is_heard),
        TEST(reading_is_no_change),
        TEST(a_folder_that_is_not_added_again_is_let_go),
        TEST(a_folder_that_went_is_heard_and_can_be_made_again),
        TEST(more_folders_than_may_be_watched_are_told),
        TEST(what_the_kernel_lost_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
