/* SPDX-License-Identifier: MIT */
#include "deployer/fingerprint.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_disk.h"

struct fixture {
    struct fake_disk disk; /* holds chat/gateway.lua and chat/lib/rooms.lua */
    char chat[FAKE_DISK_PATH];
    uint64_t before;
    char folders[512]; /* that were gone through, below chat, each behind a blank */
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.before = 0};
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "chat");
    fake_disk_folder(&fixture.disk, "chat/lib");
    fake_disk_write(&fixture.disk, "chat/gateway.lua", "return {}");
    fake_disk_write(&fixture.disk, "chat/lib/rooms.lua", "return 1");
    fake_disk_path(&fixture.disk, "chat", fixture.chat);
    fixture.before = tg_fingerprint_take(fixture.chat, NULL, NULL);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    fake_disk_remove(&f->disk);
    return 0;
}

/* Times have the grain of the kernel's tick. */
static void pass_a_tick(void)
{
    (void)usleep(20000);
}

static bool has_changed(struct fixture *f)
{
    uint64_t now = tg_fingerprint_take(f->chat, NULL, NULL);
    bool differs = now != f->before;

    assert_int_not_equal(now, 0);
    f->before = now;
    return differs;
}

static void on_folder(void *self, const char *path)
{
    struct fixture *f = self;

    assert_memory_equal(path, f->chat, strlen(f->chat));
    size_t length = strlen(f->folders);
    (void)snprintf(f->folders + length, sizeof(f->folders) - length, " %s", path + strlen(f->chat));
}

static void a_folder_that_stays_has_the_same(void **state)
{
    struct fixture *f = *state;

    pass_a_tick();
    assert_false(has_changed(f));
}

static void new_content_of_the_same_size_is_seen(void **state)
{
    struct fixture *f = *state;

    pass_a_tick();
    fake_disk_write(&f->disk, "chat/lib/rooms.lua", "return 2");
    assert_true(has_changed(f));
}

static void a_time_that_was_set_back_hides_nothing(void **state)
{
    struct fixture *f = *state;
    char path[FAKE_DISK_PATH];
    struct stat status;

    fake_disk_path(&f->disk, "chat/gateway.lua", path);
    assert_int_equal(stat(path, &status), 0);
    pass_a_tick();
    fake_disk_write(&f->disk, "chat/gateway.lua", "return {}");
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_true(has_changed(f));
}

static void files_that_come_and_go_are_seen(void **state)
{
    struct fixture *f = *state;

    fake_disk_write(&f->disk, "chat/lib/more.lua", "");
    assert_true(has_changed(f));
    fake_disk_unlink(&f->disk, "chat/lib/more.lua");
    assert_true(has_changed(f));
    fake_disk_folder(&f->disk, "chat/more");
    assert_true(has_changed(f));
}

static void what_no_bundle_is_made_of_does_not_count(void **state)
{
    struct fixture *f = *state;

    fake_disk_write(&f->disk, "chat/README.md", "text");
    fake_disk_write(&f->disk, "chat/.gateway.lua.swp", "text");
    fake_disk_folder(&f->disk, "chat/.git");
    fake_disk_write(&f->disk, "chat/.git/hook.lua", "text");
    assert_false(has_changed(f));
    fake_disk_folder(&f->disk, "chat/spec");
    assert_true(has_changed(f)); /* its name */
    fake_disk_write(&f->disk, "chat/spec/room_spec.lua", "text");
    assert_false(has_changed(f));
}

static void a_linked_files_target_is_seen(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "chat/..one");
    fake_disk_folder(&f->disk, "chat/..two");
    fake_disk_write(&f->disk, "chat/..one/a.lua", "1");
    fake_disk_write(&f->disk, "chat/..two/a.lua", "2");
    fake_disk_link(&f->disk, "..one", "chat/..data");
    fake_disk_link(&f->disk, "..data/a.lua", "chat/a.lua");
    assert_true(has_changed(f));
    fake_disk_unlink(&f->disk, "chat/..data");
    fake_disk_link(&f->disk, "..two", "chat/..data");
    assert_true(has_changed(f));
}

static void a_linked_folder_beneath_is_gone_through(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "chat/.one");
    fake_disk_write(&f->disk, "chat/.one/a.lua", "1");
    fake_disk_link(&f->disk, ".one", "chat/linked");
    assert_true(has_changed(f));
    pass_a_tick();
    fake_disk_write(&f->disk, "chat/.one/a.lua", "2");
    assert_true(has_changed(f));
}

static void a_link_out_is_not_gone_through(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "other");
    fake_disk_link(&f->disk, "../other", "chat/linked");
    assert_true(has_changed(f));
    fake_disk_write(&f->disk, "other/a.lua", "1");
    assert_false(has_changed(f));
}

static void links_in_a_circle_end(void **state)
{
    struct fixture *f = *state;

    fake_disk_link(&f->disk, ".", "chat/here");
    fake_disk_link(&f->disk, "lib", "chat/there");
    assert_true(has_changed(f));
    assert_false(has_changed(f));
}

static void every_folder_is_told_before_it_is_gone_through(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "chat/lib/deep");
    fake_disk_folder(&f->disk, "chat/spec");
    fake_disk_folder(&f->disk, "chat/.hidden");
    (void)tg_fingerprint_take(f->chat, on_folder, f);
    assert_string_equal(f->folders, "  /lib /lib/deep");
}

static void what_can_not_be_read_has_one_too(void **state)
{
    struct fixture *f = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, "none", path);
    uint64_t none = tg_fingerprint_take(path, NULL, NULL);
    assert_int_not_equal(none, 0);
    assert_int_equal(tg_fingerprint_take(path, NULL, NULL), none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_that_stays_has_the_same),
        TEST(new_content_of_the_same_size_is_seen),
        TEST(a_time_that_was_set_back_hides_nothing),
        TEST(files_that_come_and_go_are_seen),
        TEST(what_no_bundle_is_made_of_does_not_count),
        TEST(a_linked_files_target_is_seen),
        TEST(a_linked_folder_beneath_is_gone_through),
        TEST(a_link_out_is_not_gone_through),
        TEST(links_in_a_circle_end),
        TEST(every_folder_is_told_before_it_is_gone_through),
        TEST(what_can_not_be_read_has_one_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
