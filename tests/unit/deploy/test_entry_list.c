/* SPDX-License-Identifier: MIT */
#include "deploy/entry_list.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_disk.h"

struct fixture {
    struct fake_disk disk;
    int folder;
    struct tg_entry_list list;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    fake_disk_make(&fixture.disk);
    fixture.folder = open(fixture.disk.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = &fixture;
    return fixture.folder >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_entry_list_fini(&fixture->list);
    (void)close(fixture->folder);
    fake_disk_remove(&fixture->disk);
    return 0;
}

static void an_empty_folder_has_no_entries(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(tg_entry_list_read(&fixture->list, fixture->folder, 10), TG_OK);
    assert_int_equal(fixture->list.count, 0);
}

static void kinds_are_those_of_the_entries_and_not_of_what_links_lead_to(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_path(&fixture->disk, "d-fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    fake_disk_link(&fixture->disk, "b-folder", "c-link");
    fake_disk_folder(&fixture->disk, "b-folder");
    fake_disk_write(&fixture->disk, "a-file", "x");
    fake_disk_write(&fixture->disk, ".hidden", "x");
    assert_int_equal(tg_entry_list_read(&fixture->list, fixture->folder, 10), TG_OK);
    assert_int_equal(fixture->list.count, 4);
    assert_string_equal(fixture->list.items[0].name, "a-file");
    assert_int_equal(fixture->list.items[0].kind, TG_ENTRY_FILE);
    assert_int_equal(fixture->list.items[1].kind, TG_ENTRY_FOLDER);
    assert_int_equal(fixture->list.items[2].kind, TG_ENTRY_LINK);
    assert_int_equal(fixture->list.items[3].kind, TG_ENTRY_OTHER);
}

/* "a" is a folder: its entries' paths begin with "a/". */
static void folders_stand_where_their_entries_paths_do(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"A", "a-", "a.", "a", "a0", "aa", "b"};

    fake_disk_folder(&fixture->disk, "a");
    for (size_t i = sizeof(names) / sizeof(names[0]); i > 0; i--) {
        if (i != 4) {
            fake_disk_write(&fixture->disk, names[i - 1], "");
        }
    }
    assert_int_equal(tg_entry_list_read(&fixture->list, fixture->folder, 10), TG_OK);
    assert_int_equal(fixture->list.count, 7);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_string_equal(fixture->list.items[i].name, names[i]);
    }
}

static void the_limit_is_kept_and_nothing_is_held_then(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%d", i);
        fake_disk_write(&fixture->disk, name, "");
    }
    assert_int_equal(tg_entry_list_read(&fixture->list, fixture->folder, 40), TG_OK);
    assert_int_equal(fixture->list.count, 40);
    tg_entry_list_fini(&fixture->list);
    assert_int_equal(tg_entry_list_read(&fixture->list, fixture->folder, 39), TG_ERR_FULL);
    assert_int_equal(fixture->list.count, 0);
    assert_null(fixture->list.items);
}

static void what_is_no_folder_is_told_with_errno(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(tg_entry_list_read(&fixture->list, -1, 10), TG_ERR_IO);
    assert_int_equal(errno, EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_folder_has_no_entries),
        TEST(kinds_are_those_of_the_entries_and_not_of_what_links_lead_to),
        TEST(folders_stand_where_their_entries_paths_do),
        TEST(the_limit_is_kept_and_nothing_is_held_then),
        TEST(what_is_no_folder_is_told_with_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
