/* SPDX-License-Identifier: MIT */
#include "deploy/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_disk.h"

struct fixture {
    struct fake_disk disk; /* holds chat/ with a gateway.lua */
    char chat[FAKE_DISK_PATH];
    struct tg_bundle bundle;
    struct tg_fault_list faults;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "chat");
    fake_disk_write(&fixture.disk, "chat/gateway.lua", "return {}");
    fake_disk_path(&fixture.disk, "chat", fixture.chat);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_bundle_fini(&fixture->bundle);
    fake_disk_remove(&fixture->disk);
    return 0;
}

static int read_tree(struct fixture *fixture)
{
    tg_bundle_fini(&fixture->bundle);
    fixture->bundle.origin = tg_str_copy(TG_STR("chat"));
    fixture->faults = (struct tg_fault_list){0};
    return tg_tree_read(fixture->chat, &fixture->bundle, &fixture->faults);
}

static void assert_holds(const struct fixture *fixture, const char *path, const char *content)
{
    const struct tg_bundle_file *file = tg_bundle_find(&fixture->bundle, tg_str_of(path));

    assert_non_null(file);
    assert_true(tg_str_is(tg_str(file->content, file->length), tg_str_of(content)));
}

static void assert_fault(const struct fixture *fixture, uint32_t at, const char *expected)
{
    char line[TG_FAULT_LINE_BYTES];

    assert_true(at < fixture->faults.count);
    assert_int_equal(fixture->faults.items[at].step, TG_FAULT_SCAN);
    assert_string_equal(tg_fault_line(&fixture->faults.items[at], line, sizeof(line)), expected);
}

static void a_config_map_is_read_through_its_links(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    fake_disk_folder(&fixture->disk, "chat/..2026_11_23_x");
    fake_disk_folder(&fixture->disk, "chat/..2026_11_23_x/lib");
    fake_disk_write(&fixture->disk, "chat/..2026_11_23_x/gateway.lua", "one");
    fake_disk_write(&fixture->disk, "chat/..2026_11_23_x/lib/a.lua", "two");
    fake_disk_link(&fixture->disk, "..2026_11_23_x", "chat/..data");
    fake_disk_link(&fixture->disk, "..data/gateway.lua", "chat/gateway.lua");
    fake_disk_link(&fixture->disk, "..data/lib", "chat/lib");
    assert_int_equal(read_tree(fixture), TG_OK);
    assert_int_equal(fixture->bundle.count, 2);
    assert_holds(fixture, "gateway.lua", "one");
    assert_holds(fixture, "lib/a.lua", "two");
}

/* "a-b.lua" comes before "a/c.lua", though "a" comes before "a-b.lua". */
static void a_linked_folder_stands_in_the_order_of_folders(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_folder(&fixture->disk, "chat/.real");
    fake_disk_write(&fixture->disk, "chat/.real/c.lua", "c");
    fake_disk_link(&fixture->disk, ".real", "chat/a");
    fake_disk_write(&fixture->disk, "chat/a-b.lua", "b");
    assert_int_equal(read_tree(fixture), TG_OK);
    assert_int_equal(fixture->bundle.count, 3);
    assert_string_equal(fixture->bundle.files[0].path, "a-b.lua");
    assert_string_equal(fixture->bundle.files[1].path, "a/c.lua");
}

static void a_link_inside_of_a_linked_folder_is_followed(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_folder(&fixture->disk, "chat/.real");
    fake_disk_link(&fixture->disk, "../gateway.lua", "chat/.real/again.lua");
    fake_disk_link(&fixture->disk, ".real", "chat/lib");
    assert_int_equal(read_tree(fixture), TG_OK);
    assert_holds(fixture, "lib/again.lua", "return {}");
}

static void links_in_a_circle_are_a_fault_and_not_walked_for_ever(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_folder(&fixture->disk, "chat/a");
    fake_disk_folder(&fixture->disk, "chat/b");
    fake_disk_link(&fixture->disk, "..", "chat/a/up");
    fake_disk_link(&fixture->disk, "../a", "chat/b/over");
    fake_disk_link(&fixture->disk, ".", "chat/same");
    assert_int_equal(read_tree(fixture), TG_ERR_INVALID);
    assert_int_equal(fixture->faults.count, 3);
    assert_fault(fixture, 0, "chat/a/up: the link leads back to a folder that it is in");
    assert_fault(fixture, 1, "chat/b/over/up: the link leads back to a folder that it is in");
    assert_fault(fixture, 2, "chat/same: the link leads back to a folder that it is in");
}

static void a_socket_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[FAKE_DISK_PATH];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    fake_disk_path(&fixture->disk, "chat/talk.lua", path);
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    (void)close(fd);
    assert_int_equal(read_tree(fixture), TG_ERR_INVALID);
    assert_fault(fixture, 0, "chat/talk.lua: it is a socket, no regular file");
}

/* Only root may make one. */
static void a_device_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_path(&fixture->disk, "chat/zero.lua", path);
    if (mknod(path, S_IFCHR | 0600, makedev(1, 5)) != 0) {
        assert_int_equal(errno, EPERM);
        skip();
    }
    assert_int_equal(read_tree(fixture), TG_ERR_INVALID);
    assert_fault(fixture, 0, "chat/zero.lua: it is a device, no regular file");
}

static void a_linked_spec_is_left_out_too(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_link(&fixture->disk, "/etc", "chat/spec");
    assert_int_equal(read_tree(fixture), TG_OK);
    assert_int_equal(fixture->bundle.count, 1);
}

static void each_link_that_can_t_be_followed_says_why(void **state)
{
    struct fixture *fixture = *state;
    char pipe[FAKE_DISK_PATH];

    fake_disk_folder(&fixture->disk, "chat/.real");
    fake_disk_path(&fixture->disk, "chat/.real/pipe", pipe);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    fake_disk_link(&fixture->disk, "/etc/passwd", "chat/a.lua");
    fake_disk_link(&fixture->disk, "nothing.lua", "chat/b.lua");
    fake_disk_link(&fixture->disk, "c.lua", "chat/c.lua");
    fake_disk_link(&fixture->disk, "/etc", "chat/d");
    fake_disk_link(&fixture->disk, ".real/pipe", "chat/e.lua");
    fake_disk_link(&fixture->disk, "gateway.lua", "chat/f g.lua");
    fake_disk_link(&fixture->disk, "/etc/hostname", "chat/README.md");
    fake_disk_link(&fixture->disk, "nothing", "chat/notes");
    fake_disk_link(&fixture->disk, ".real/pipe", "chat/pipe");
    assert_int_equal(read_tree(fixture), TG_ERR_INVALID);
    assert_int_equal(fixture->faults.count, 6);
    assert_fault(fixture, 0,
                 "chat/a.lua: it is a symbolic link that leads out of the gateway's folder (a "
                 "relative link to what is in the folder is followed)");
    assert_fault(fixture, 1, "chat/b.lua: it is a symbolic link that leads to nothing");
    assert_fault(fixture, 2, "chat/c.lua: it is a symbolic link that leads to itself");
    assert_fault(fixture, 3,
                 "chat/d: it is a symbolic link that leads out of the gateway's folder (a "
                 "relative link to what is in the folder is followed)");
    assert_fault(fixture, 4, "chat/e.lua: it is a FIFO, no regular file");
    assert_fault(fixture, 5, "chat/f g.lua: names here are made of A-Z a-z 0-9 _ . -");
}

static void the_faults_of_a_tree_are_all_told(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    fake_disk_fill(&fixture->disk, "chat/big.lua", TG_BUNDLE_FILE_BYTES_MAX + 1);
    fake_disk_write(&fixture->disk, "chat/\xff.lua", "x");
    fake_disk_write(&fixture->disk, "chat/gatewey.lua", "x");
    fake_disk_folder(&fixture->disk, "chat/lib");
    fake_disk_path(&fixture->disk, "chat/lib/pipe.lua", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(read_tree(fixture), TG_ERR_TOO_LARGE);
    assert_int_equal(fixture->faults.count, 4);
    assert_fault(fixture, 0, "chat/big.lua: it holds more than 4 MiB");
    assert_fault(fixture, 1, "chat/lib/pipe.lua: it is a FIFO, no regular file");
    assert_fault(fixture, 2, "chat/\\xff.lua: names here are made of A-Z a-z 0-9 _ . -");
    assert_fault(fixture, 3,
                 "chat: there is no gateway.lua in it (is 'gatewey.lua' meant to be it?)");
    assert_holds(fixture, "gatewey.lua", "x");
}

/* The folder's fingerprint doesn't know it either: a fault of it would outlast its removal. */
static void the_path_of_what_is_no_lua_may_be_of_any_length(void **state)
{
    struct fixture *fixture = *state;
    char name[101];
    char path[FAKE_DISK_PATH];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    (void)snprintf(path, sizeof(path), "chat/%s", name);
    fake_disk_folder(&fixture->disk, path);
    (void)snprintf(path, sizeof(path), "chat/%s/%s", name, name);
    fake_disk_folder(&fixture->disk, path);
    (void)snprintf(path, sizeof(path), "chat/%s/%s/%s.txt", name, name, name);
    fake_disk_write(&fixture->disk, path, "x");
    assert_int_equal(read_tree(fixture), TG_OK);
    (void)snprintf(path, sizeof(path), "chat/%s/%s/%s.lua", name, name, name);
    fake_disk_write(&fixture->disk, path, "x");
    assert_int_equal(read_tree(fixture), TG_ERR_TOO_LARGE);
    assert_int_equal(fixture->faults.count, 1);
    assert_string_equal(fixture->faults.items[0].text, "a path longer than 255");
    fake_disk_unlink(&fixture->disk, path);
    (void)snprintf(path, sizeof(path), "chat/%s/%s/%s", name, name, name);
    fake_disk_folder(&fixture->disk, path);
    assert_int_equal(read_tree(fixture), TG_ERR_TOO_LARGE);
    assert_int_equal(fixture->faults.count, 1);
}

static void ten_thousand_files_are_one_fault(void **state)
{
    struct fixture *fixture = *state;
    char path[64];

    for (int i = 1; i < 10000; i++) {
        (void)snprintf(path, sizeof(path), "chat/file%04d.lua", i);
        fake_disk_write(&fixture->disk, path, "");
    }
    assert_int_equal(read_tree(fixture), TG_ERR_FULL);
    assert_int_equal(fixture->faults.count, 1);
    assert_fault(fixture, 0, "chat: it holds 10000 Lua files, at most 1024 are taken");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_config_map_is_read_through_its_links),
        TEST(a_linked_folder_stands_in_the_order_of_folders),
        TEST(a_link_inside_of_a_linked_folder_is_followed),
        TEST(links_in_a_circle_are_a_fault_and_not_walked_for_ever),
        TEST(a_socket_is_refused),
        TEST(a_device_is_refused),
        TEST(a_linked_spec_is_left_out_too),
        TEST(each_link_that_can_t_be_followed_says_why),
        TEST(the_faults_of_a_tree_are_all_told),
        TEST(the_path_of_what_is_no_lua_may_be_of_any_length),
        TEST(ten_thousand_files_are_one_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
