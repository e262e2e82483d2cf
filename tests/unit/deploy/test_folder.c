/* SPDX-License-Identifier: MIT */
#include "deploy/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_disk.h"

struct fixture {
    struct fake_disk disk; /* holds chat/ with a gateway.lua */
    char chat[FAKE_DISK_PATH];
    struct tg_bundle bundle;
    struct tg_errmsg msg;
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

static void read_well(struct fixture *fixture)
{
    tg_bundle_fini(&fixture->bundle);
    if (tg_folder_read(fixture->chat, &fixture->bundle, &fixture->msg) != TG_OK) {
        fail_msg("%s", fixture->msg.text);
    }
}

/* The message is "ORIGIN/place: what". */
static void assert_refused(struct fixture *fixture, int err, const char *place, const char *what)
{
    char expected[2 * FAKE_DISK_PATH];

    tg_bundle_fini(&fixture->bundle);
    memset(&fixture->bundle, 0x5a, sizeof(fixture->bundle));
    fixture->msg.text[0] = '\0';
    int got = tg_folder_read(fixture->chat, &fixture->bundle, &fixture->msg);
    (void)snprintf(expected, sizeof(expected), "%s%s: %s", fixture->chat, place, what);
    assert_string_equal(fixture->msg.text, expected);
    assert_int_equal(got, err);
    assert_null(fixture->bundle.files);
    assert_null(fixture->bundle.name);
    assert_int_equal(fixture->bundle.count, 0);
}

static void assert_paths(const struct fixture *fixture, const char *const *paths, uint32_t count)
{
    assert_int_equal(fixture->bundle.count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_string_equal(fixture->bundle.files[i].path, paths[i]);
    }
}

static void a_folder_is_read_with_its_names_and_contents(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"gateway.lua", "lib/rooms.lua"};

    fake_disk_folder(&fixture->disk, "chat/lib");
    fake_disk_write(&fixture->disk, "chat/lib/rooms.lua", "return 1");
    read_well(fixture);
    assert_paths(fixture, paths, 2);
    assert_string_equal(fixture->bundle.name, "chat");
    assert_string_equal(fixture->bundle.origin, fixture->chat);
    assert_int_equal(fixture->bundle.files[0].length, 9);
    assert_memory_equal(fixture->bundle.files[0].content, "return {}", 9);
    assert_memory_equal(fixture->bundle.files[1].content, "return 1", 8);
}

static void the_files_come_in_the_order_of_their_octets(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"B.lua",       "a-b.lua",         "a.lua",
                                        "a/c.lua",     "a/c/d.lua",       "a0.lua",
                                        "gateway.lua", "gateway.lua.lua", "z/spec/y.lua"};

    fake_disk_folder(&fixture->disk, "chat/a");
    fake_disk_folder(&fixture->disk, "chat/a/c");
    fake_disk_folder(&fixture->disk, "chat/z");
    fake_disk_folder(&fixture->disk, "chat/z/spec");
    for (size_t i = sizeof(paths) / sizeof(paths[0]); i > 0; i--) {
        char path[FAKE_DISK_PATH];
        (void)snprintf(path, sizeof(path), "chat/%s", paths[i - 1]);
        fake_disk_write(&fixture->disk, path, "return {}");
    }
    read_well(fixture);
    assert_paths(fixture, paths, sizeof(paths) / sizeof(paths[0]));
}

static void hidden_entries_specs_and_what_is_no_lua_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"gateway.lua"};

    fake_disk_folder(&fixture->disk, "chat/spec");
    fake_disk_folder(&fixture->disk, "chat/.git");
    fake_disk_folder(&fixture->disk, "chat/empty");
    fake_disk_write(&fixture->disk, "chat/spec/chat_spec.lua", "x");
    fake_disk_write(&fixture->disk, "chat/.git/config.lua", "x");
    fake_disk_write(&fixture->disk, "chat/.hidden.lua", "x");
    fake_disk_write(&fixture->disk, "chat/.lua", "x");
    fake_disk_write(&fixture->disk, "chat/README.md", "x");
    fake_disk_write(&fixture->disk, "chat/gateway.lua~", "x");
    fake_disk_write(&fixture->disk, "chat/strange name.txt", "x");
    read_well(fixture);
    assert_paths(fixture, paths, 1);
}

static void an_empty_file_is_a_file(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_write(&fixture->disk, "chat/empty.lua", "");
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, 2);
    assert_int_equal(fixture->bundle.files[0].length, 0);
}

/* printf '\0\0\0\0\0\0\0\013gateway.lua\0\0\0\0\0\0\0\011return {}' | sha256sum */
static void the_generation_is_the_digest_of_paths_and_contents(void **state)
{
    struct fixture *fixture = *state;

    read_well(fixture);
    assert_string_equal(fixture->bundle.generation, "8c97ffa001d8");
}

static void the_generation_changes_with_a_name_or_a_content_and_with_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    char first[13];
    char other[13];

    fake_disk_write(&fixture->disk, "chat/ab.lua", "c");
    read_well(fixture);
    memcpy(first, fixture->bundle.generation, sizeof(first));

    fake_disk_write(&fixture->disk, "chat/README.md", "more");
    fake_disk_write(&fixture->disk, "chat/ab.lua", "c");
    read_well(fixture);
    assert_string_equal(fixture->bundle.generation, first);

    fake_disk_write(&fixture->disk, "chat/ab.lua", "d");
    read_well(fixture);
    assert_string_not_equal(fixture->bundle.generation, first);
    memcpy(other, fixture->bundle.generation, sizeof(other));

    fake_disk_unlink(&fixture->disk, "chat/ab.lua");
    fake_disk_write(&fixture->disk, "chat/ba.lua", "d");
    read_well(fixture);
    assert_string_not_equal(fixture->bundle.generation, other);
}

static void the_folder_itself_may_be_a_link(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_link(&fixture->disk, "chat", "live");
    fake_disk_path(&fixture->disk, "live", fixture->chat);
    read_well(fixture);
    assert_string_equal(fixture->bundle.name, "live");
    assert_int_equal(fixture->bundle.count, 1);
}

static void a_slash_at_the_end_and_a_dot_name_the_same_folder(void **state)
{
    struct fixture *fixture = *state;
    char origin[FAKE_DISK_PATH];

    memcpy(origin, fixture->chat, sizeof(origin));
    (void)snprintf(fixture->chat, sizeof(fixture->chat), "%.200s//", origin);
    read_well(fixture);
    assert_string_equal(fixture->bundle.name, "chat");
    assert_string_equal(fixture->bundle.origin, origin);
    (void)snprintf(fixture->chat, sizeof(fixture->chat), "%.200s/.", origin);
    read_well(fixture);
    assert_string_equal(fixture->bundle.name, "chat");
}

static void a_link_in_the_folder_is_followed_as_long_as_it_stays_in_it(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_link(&fixture->disk, "gateway.lua", "chat/again.lua");
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, 2);
    fake_disk_link(&fixture->disk, "../../secret.lua", "chat/leak.lua");
    assert_refused(fixture, TG_ERR_INVALID, "/leak.lua",
                   "it is a symbolic link that leads out of the gateway's folder (a relative link "
                   "to what is in the folder is followed)");
}

/* Opening a FIFO would wait for its writer: the test would not end. */
static void a_fifo_is_refused_without_opening_it(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_path(&fixture->disk, "chat/pipe.lua", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(fixture, TG_ERR_INVALID, "/pipe.lua", "it is a FIFO, no regular file");
}

static void a_fifo_in_place_of_the_gateway_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    fake_disk_path(&fixture->disk, "chat/gateway.lua", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(fixture, TG_ERR_INVALID, "/gateway.lua", "it is a FIFO, no regular file");
}

static void a_folder_named_like_a_file_is_walked_and_not_read(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_folder(&fixture->disk, "chat/x.lua");
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, 1);
    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    fake_disk_folder(&fixture->disk, "chat/gateway.lua");
    assert_refused(fixture, TG_ERR_NOT_FOUND, "",
                   "there is no gateway.lua in it (gateway.lua is a folder)");
}

static void names_of_other_octets_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name;
        const char *told;
    } names[] = {{"a b.lua", "/a b.lua"},
                 {"\xc3\xa9.lua", "/\xc3\xa9.lua"},
                 {"\xe9.lua", "/\\xe9.lua"},
                 {"a\nb.lua", "/a\\x0ab.lua"},
                 {"a;b.lua", "/a;b.lua"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "chat/%s", names[i].name);
        fake_disk_write(&fixture->disk, path, "x");
        assert_refused(fixture, TG_ERR_INVALID, names[i].told,
                       "names here are made of A-Z a-z 0-9 _ . -");
        fake_disk_unlink(&fixture->disk, path);
    }
    fake_disk_folder(&fixture->disk, "chat/my lib");
    assert_refused(fixture, TG_ERR_INVALID, "/my lib", "names here are made of A-Z a-z 0-9 _ . -");
}

static void a_folder_s_name_is_judged(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {
        "Chat", "chat.room", "my chat",
        "a123456789b123456789c123456789d123456789e123456789f123456789abcd"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        fake_disk_folder(&fixture->disk, names[i]);
        fake_disk_path(&fixture->disk, names[i], fixture->chat);
        (void)snprintf(path, sizeof(path), "%s/gateway.lua", names[i]);
        fake_disk_write(&fixture->disk, path, "x");
        assert_refused(fixture, TG_ERR_INVALID, "", "a gateway's name is 1 to 63 of a-z 0-9 _ -");
    }
}

static void a_file_of_the_largest_size_is_taken_and_one_octet_more_is_not(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_fill(&fixture->disk, "chat/big.lua", TG_BUNDLE_FILE_BYTES_MAX);
    read_well(fixture);
    assert_int_equal(fixture->bundle.files[0].length, TG_BUNDLE_FILE_BYTES_MAX);
    fake_disk_fill(&fixture->disk, "chat/big.lua", TG_BUNDLE_FILE_BYTES_MAX + 1);
    assert_refused(fixture, TG_ERR_TOO_LARGE, "/big.lua", "it holds more than 4 MiB");
}

static void a_folder_of_more_than_the_largest_size_is_refused(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_fill(&fixture->disk, "chat/a.lua", TG_BUNDLE_FILE_BYTES_MAX);
    fake_disk_fill(&fixture->disk, "chat/b.lua", TG_BUNDLE_FILE_BYTES_MAX);
    fake_disk_fill(&fixture->disk, "chat/c.lua", TG_BUNDLE_FILE_BYTES_MAX);
    fake_disk_fill(&fixture->disk, "chat/d.lua", TG_BUNDLE_FILE_BYTES_MAX - 9);
    read_well(fixture);
    fake_disk_fill(&fixture->disk, "chat/d.lua", TG_BUNDLE_FILE_BYTES_MAX - 8);
    assert_refused(fixture, TG_ERR_TOO_LARGE, "", "its Lua files hold more than 16 MiB");
}

static void as_many_files_as_allowed_are_taken_and_one_more_is_not(void **state)
{
    struct fixture *fixture = *state;
    char path[64];

    for (int i = 1; i < TG_BUNDLE_FILES_MAX; i++) {
        (void)snprintf(path, sizeof(path), "chat/file%04d.lua", i);
        fake_disk_write(&fixture->disk, path, "");
    }
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, TG_BUNDLE_FILES_MAX);
    fake_disk_write(&fixture->disk, "chat/z.lua", "");
    assert_refused(fixture, TG_ERR_FULL, "", "it holds 1025 Lua files, at most 1024 are taken");
}

static void a_crowd_of_entries_that_are_no_lua_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[64];

    fake_disk_folder(&fixture->disk, "chat/data");
    for (int i = 0; i < 16384; i++) {
        (void)snprintf(path, sizeof(path), "chat/data/%d", i);
        fake_disk_write(&fixture->disk, path, "");
    }
    assert_refused(fixture, TG_ERR_FULL, "/data", "the folder has more than 16384 entries");
}

static void eight_folders_deep_is_taken_and_nine_is_not(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_folder(&fixture->disk, "chat/1");
    fake_disk_folder(&fixture->disk, "chat/1/2");
    fake_disk_folder(&fixture->disk, "chat/1/2/3");
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4");
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4/5");
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4/5/6");
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4/5/6/7");
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4/5/6/7/8");
    fake_disk_write(&fixture->disk, "chat/1/2/3/4/5/6/7/8/x.lua", "x");
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, 2);
    fake_disk_folder(&fixture->disk, "chat/1/2/3/4/5/6/7/8/9");
    assert_refused(fixture, TG_ERR_TOO_LARGE, "/1/2/3/4/5/6/7/8/9", "folders nest deeper than 8");
}

static void a_path_of_255_octets_is_taken_and_one_more_is_not(void **state)
{
    struct fixture *fixture = *state;
    char folder[256] = "chat/";
    char path[512];

    memset(folder + 5, 'd', 200);
    fake_disk_folder(&fixture->disk, folder);
    (void)snprintf(path, sizeof(path), "%s/%050d.lua", folder, 0);
    fake_disk_write(&fixture->disk, path, "");
    read_well(fixture);
    assert_int_equal(fixture->bundle.count, 2);
    assert_int_equal(strlen(fixture->bundle.files[0].path), TG_BUNDLE_PATH_MAX);
    (void)snprintf(path, sizeof(path), "%s/%051d.lua", folder, 0);
    fake_disk_write(&fixture->disk, path, "");
    tg_bundle_fini(&fixture->bundle);
    assert_int_equal(tg_folder_read(fixture->chat, &fixture->bundle, &fixture->msg),
                     TG_ERR_TOO_LARGE);
    assert_non_null(strstr(fixture->msg.text, "a path longer than 255"));
}

/* As root nothing is unreadable, so the test becomes somebody else. */
static void what_can_t_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;
    uid_t user = geteuid();

    fake_disk_write(&fixture->disk, "chat/secret.lua", "x");
    fake_disk_mode(&fixture->disk, "chat/secret.lua", 0);
    fake_disk_mode(&fixture->disk, "", 0755);
    if (user == 0) {
        assert_int_equal(seteuid(65534), 0);
    }
    assert_refused(fixture, TG_ERR_IO, "/secret.lua", strerror(EACCES));
    assert_int_equal(seteuid(user), 0);
    fake_disk_unlink(&fixture->disk, "chat/secret.lua");
    fake_disk_folder(&fixture->disk, "chat/vault");
    fake_disk_mode(&fixture->disk, "chat/vault", 0);
    if (user == 0) {
        assert_int_equal(seteuid(65534), 0);
    }
    assert_refused(fixture, TG_ERR_IO, "/vault", strerror(EACCES));
    assert_int_equal(seteuid(user), 0);
    fake_disk_mode(&fixture->disk, "chat/vault", 0700);
}

static void a_folder_without_a_gateway_file_is_refused(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_write(&fixture->disk, "chat/other.lua", "x");
    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    assert_refused(fixture, TG_ERR_NOT_FOUND, "", "there is no gateway.lua in it");
}

static void a_missing_folder_and_a_file_are_refused(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_path(&fixture->disk, "nothing", fixture->chat);
    assert_refused(fixture, TG_ERR_IO, "", strerror(ENOENT));
    fake_disk_write(&fixture->disk, "file", "x");
    fake_disk_path(&fixture->disk, "file", fixture->chat);
    assert_refused(fixture, TG_ERR_IO, "", strerror(ENOTDIR));
}

static void no_descriptor_is_left_open(void **state)
{
    struct fixture *fixture = *state;
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)close(before);
    fake_disk_folder(&fixture->disk, "chat/lib");
    fake_disk_write(&fixture->disk, "chat/lib/x.lua", "x");
    read_well(fixture);
    fake_disk_link(&fixture->disk, "x.lua", "chat/lib/y.lua");
    fake_disk_link(&fixture->disk, "lib", "chat/linked");
    read_well(fixture);
    fake_disk_link(&fixture->disk, "..", "chat/lib/z");
    assert_refused(fixture, TG_ERR_INVALID, "/lib/z",
                   "the link leads back to a folder that it is in");
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(after);
    assert_int_equal(after, before);
}

static void the_list_names_folders_with_a_gateway_file_sorted(void **state)
{
    struct fixture *fixture = *state;
    char **names = NULL;
    uint32_t count = 0;

    fake_disk_folder(&fixture->disk, "echo");
    fake_disk_write(&fixture->disk, "echo/gateway.lua", "x");
    fake_disk_folder(&fixture->disk, "chat-2");
    fake_disk_write(&fixture->disk, "chat-2/gateway.lua", "x");
    fake_disk_link(&fixture->disk, "echo", "again");
    fake_disk_folder(&fixture->disk, "no_gateway");
    fake_disk_folder(&fixture->disk, ".hidden");
    fake_disk_write(&fixture->disk, ".hidden/gateway.lua", "x");
    fake_disk_write(&fixture->disk, "file", "x");
    fake_disk_link(&fixture->disk, "/does/not/exist", "dangling");
    assert_int_equal(tg_folder_list(fixture->disk.root, &names, &count, &fixture->msg), TG_OK);
    assert_int_equal(count, 4);
    assert_string_equal(names[0], "again");
    assert_string_equal(names[1], "chat");
    assert_string_equal(names[2], "chat-2");
    assert_string_equal(names[3], "echo");
    tg_folder_free_names(names, count);
}

/* It is for the reading to refuse it: left out, it would be missed by nobody. */
static void the_list_names_a_folder_whose_gateway_file_is_a_dangling_link(void **state)
{
    struct fixture *fixture = *state;
    char **names = NULL;
    uint32_t count = 0;

    fake_disk_unlink(&fixture->disk, "chat/gateway.lua");
    fake_disk_link(&fixture->disk, "/does/not/exist", "chat/gateway.lua");
    assert_int_equal(tg_folder_list(fixture->disk.root, &names, &count, &fixture->msg), TG_OK);
    assert_int_equal(count, 1);
    tg_folder_free_names(names, count);
}

/* The same: who can't be looked into is not gone. */
static void the_list_names_a_folder_that_can_t_be_looked_into(void **state)
{
    struct fixture *fixture = *state;
    char **names = NULL;
    uint32_t count = 0;

    fake_disk_link(&fixture->disk, "ring", "ring");
    assert_int_equal(tg_folder_list(fixture->disk.root, &names, &count, &fixture->msg), TG_OK);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "chat");
    assert_string_equal(names[1], "ring");
    tg_folder_free_names(names, count);
}

static void every_fault_of_a_folder_is_told_and_what_could_be_read_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));

    assert_non_null(faults);
    fake_disk_folder(&fixture->disk, "Chat");
    fake_disk_write(&fixture->disk, "Chat/a b.lua", "x");
    fake_disk_write(&fixture->disk, "Chat/gateway.lua", "return {}");
    fake_disk_path(&fixture->disk, "Chat", fixture->chat);
    assert_int_equal(tg_folder_scan(fixture->chat, &fixture->bundle, faults), TG_ERR_INVALID);
    assert_int_equal(faults->count, 2);
    assert_string_equal(faults->items[0].text, "names here are made of A-Z a-z 0-9 _ . -");
    assert_string_equal(faults->items[1].text, "a gateway's name is 1 to 63 of a-z 0-9 _ -");
    assert_string_equal(fixture->bundle.name, "Chat");
    assert_int_equal(fixture->bundle.count, 1);
    assert_int_equal(strlen(fixture->bundle.generation), 12);
    free(faults);
}

static void an_empty_root_has_an_empty_list(void **state)
{
    struct fixture *fixture = *state;
    char **names = NULL;
    uint32_t count = 7;

    assert_int_equal(tg_folder_list(fixture->chat, &names, &count, &fixture->msg), TG_OK);
    assert_int_equal(count, 0);
    tg_folder_free_names(names, count);
}

static void a_missing_root_is_told(void **state)
{
    struct fixture *fixture = *state;
    char **names = NULL;
    uint32_t count = 7;

    assert_int_equal(tg_folder_list("/does/not/exist", &names, &count, &fixture->msg), TG_ERR_IO);
    assert_string_equal(fixture->msg.text, "/does/not/exist: No such file or directory");
    assert_null(names);
    assert_int_equal(count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_is_read_with_its_names_and_contents),
        TEST(the_files_come_in_the_order_of_their_octets),
        TEST(hidden_entries_specs_and_what_is_no_lua_are_left_out),
        TEST(an_empty_file_is_a_file),
        TEST(the_generation_is_the_digest_of_paths_and_contents),
        TEST(the_generation_changes_with_a_name_or_a_content_and_with_nothing_else),
        TEST(the_folder_itself_may_be_a_link),
        TEST(a_slash_at_the_end_and_a_dot_name_the_same_folder),
        TEST(a_link_in_the_folder_is_followed_as_long_as_it_stays_in_it),
        TEST(a_fifo_is_refused_without_opening_it),
        TEST(a_fifo_in_place_of_the_gateway_file_is_refused),
        TEST(a_folder_named_like_a_file_is_walked_and_not_read),
        TEST(names_of_other_octets_are_refused),
        TEST(a_folder_s_name_is_judged),
        TEST(a_file_of_the_largest_size_is_taken_and_one_octet_more_is_not),
        TEST(a_folder_of_more_than_the_largest_size_is_refused),
        TEST(as_many_files_as_allowed_are_taken_and_one_more_is_not),
        TEST(a_crowd_of_entries_that_are_no_lua_is_refused),
        TEST(eight_folders_deep_is_taken_and_nine_is_not),
        TEST(a_path_of_255_octets_is_taken_and_one_more_is_not),
        TEST(what_can_t_be_read_is_told),
        TEST(a_folder_without_a_gateway_file_is_refused),
        TEST(a_missing_folder_and_a_file_are_refused),
        TEST(no_descriptor_is_left_open),
        TEST(the_list_names_folders_with_a_gateway_file_sorted),
        TEST(the_list_names_a_folder_whose_gateway_file_is_a_dangling_link),
        TEST(the_list_names_a_folder_that_can_t_be_looked_into),
        TEST(every_fault_of_a_folder_is_told_and_what_could_be_read_is_kept),
        TEST(an_empty_root_has_an_empty_list),
        TEST(a_missing_root_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
