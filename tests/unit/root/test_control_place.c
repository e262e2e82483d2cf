/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_place.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOMEBODY = 4711 };

struct fixture {
    char folder[32];
    struct tg_control_places places;
    struct tg_control_place place;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.folder = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    (void)unsetenv("RUNTIME_DIRECTORY");
    (void)unsetenv("XDG_RUNTIME_DIR");
    return mkdtemp(fixture.folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    (void)unsetenv("RUNTIME_DIRECTORY");
    (void)unsetenv("XDG_RUNTIME_DIR");
    return rmdir(fixture->folder);
}

static int list(struct fixture *fixture, const char *setting)
{
    return tg_control_place_list(&fixture->places, setting, SOMEBODY, &fixture->msg);
}

static void a_path_and_off_stand_for_themselves(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(list(fixture, "off"), TG_OK);
    assert_true(fixture->places.is_off);
    assert_int_equal(fixture->places.count, 0);
    assert_int_equal(list(fixture, "some/where.sock"), TG_OK);
    assert_true(fixture->places.is_chosen);
    assert_int_equal(fixture->places.count, 1);
    assert_string_equal(fixture->places.items[0].path, "some/where.sock");
    assert_false(fixture->places.items[0].makes_folder);
}

static void a_path_must_fit_into_an_address(void **state)
{
    struct fixture *fixture = *state;
    char path[TG_CONTROL_PLACE_MAX + 1];

    memset(path, 'a', sizeof(path));
    path[TG_CONTROL_PLACE_MAX] = '\0';
    assert_int_equal(list(fixture, path), TG_ERR_TOO_LARGE);
    assert_string_equal(fixture->msg.text, "deploy.socket: expected a path of at most 107 octets");
    path[TG_CONTROL_PLACE_MAX - 1] = '\0';
    assert_int_equal(list(fixture, path), TG_OK);
}

static void auto_looks_where_the_environment_says_first(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(list(fixture, "auto"), TG_OK);
    assert_false(fixture->places.is_chosen);
    assert_int_equal(fixture->places.count, 2);
    assert_string_equal(fixture->places.items[0].path, "/run/tidegate/control.sock");
    assert_string_equal(fixture->places.items[1].path, "/tmp/tidegate-4711/control.sock");
    assert_true(fixture->places.items[1].is_private);
    (void)setenv("RUNTIME_DIRECTORY", "/run/one:/run/two", 1);
    (void)setenv("XDG_RUNTIME_DIR", "/run/user/4711", 1);
    assert_int_equal(list(fixture, "auto"), TG_OK);
    assert_int_equal(fixture->places.count, 4);
    assert_string_equal(fixture->places.items[0].path, "/run/one/control.sock");
    assert_false(fixture->places.items[0].makes_folder);
    assert_string_equal(fixture->places.items[2].path, "/run/user/4711/tidegate.sock");
}

static void what_the_environment_says_badly_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    char path[TG_CONTROL_PLACE_MAX];

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    (void)setenv("RUNTIME_DIRECTORY", path, 1);
    (void)setenv("XDG_RUNTIME_DIR", "relative", 1);
    assert_int_equal(list(fixture, "auto"), TG_OK);
    assert_int_equal(fixture->places.count, 2);
    (void)setenv("RUNTIME_DIRECTORY", "", 1);
    assert_int_equal(list(fixture, "auto"), TG_OK);
    assert_int_equal(fixture->places.count, 2);
}

static void set_place(struct fixture *fixture, bool makes_folder, bool is_private)
{
    fixture->place =
        (struct tg_control_place){.makes_folder = makes_folder, .is_private = is_private};
    (void)snprintf(fixture->place.path, sizeof(fixture->place.path), "%s/inner/control.sock",
                   fixture->folder);
}

static void a_directory_is_made_only_where_that_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    char folder[64];
    struct stat made;

    (void)snprintf(folder, sizeof(folder), "%s/inner", fixture->folder);
    set_place(fixture, false, false);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg),
                     TG_ERR_IO);
    set_place(fixture, true, true);
    assert_int_equal(tg_control_place_judge(&fixture->place, geteuid(), &fixture->msg), TG_ERR_IO);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg), TG_OK);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg), TG_OK);
    assert_int_equal(stat(folder, &made), 0);
    assert_int_equal(made.st_mode & 07777, 0700);
    assert_int_equal(rmdir(folder), 0);
}

static void a_directory_that_is_open_to_others_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char folder[64];

    (void)snprintf(folder, sizeof(folder), "%s/inner", fixture->folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    set_place(fixture, false, false);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg), TG_OK);
    set_place(fixture, false, true);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg),
                     TG_ERR_DENIED);
    assert_int_equal(chmod(folder, 0770), 0);
    set_place(fixture, false, false);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg),
                     TG_ERR_DENIED);
    assert_non_null(strstr(fixture->msg.text, "open to others (mode 0770)"));
    assert_int_equal(rmdir(folder), 0);
}

static void somebody_elses_directory_and_a_link_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char folder[64];
    char target[64];

    (void)snprintf(folder, sizeof(folder), "%s/inner", fixture->folder);
    (void)snprintf(target, sizeof(target), "%s/target", fixture->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    set_place(fixture, false, true);
    assert_int_equal(tg_control_place_prepare(&fixture->place, SOMEBODY, &fixture->msg),
                     TG_ERR_DENIED);
    assert_int_equal(rename(folder, target), 0);
    assert_int_equal(symlink(target, folder), 0);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg),
                     TG_ERR_DENIED);
    set_place(fixture, false, false);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg), TG_OK);
    assert_int_equal(unlink(folder), 0);
    assert_int_equal(rmdir(target), 0);
}

static void what_is_no_directory_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char file[64];

    (void)snprintf(file, sizeof(file), "%s/inner", fixture->folder);
    FILE *made = fopen(file, "we");
    assert_non_null(made);
    assert_int_equal(fclose(made), 0);
    set_place(fixture, true, false);
    assert_int_equal(tg_control_place_prepare(&fixture->place, geteuid(), &fixture->msg),
                     TG_ERR_DENIED);
    assert_int_equal(unlink(file), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_and_off_stand_for_themselves),
        TEST(a_path_must_fit_into_an_address),
        TEST(auto_looks_where_the_environment_says_first),
        TEST(what_the_environment_says_badly_is_left_out),
        TEST(a_directory_is_made_only_where_that_is_asked_for),
        TEST(a_directory_that_is_open_to_others_is_refused),
        TEST(somebody_elses_directory_and_a_link_are_refused),
        TEST(what_is_no_directory_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
