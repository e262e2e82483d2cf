/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_place.c"
#include "control_socket.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    char folder[32];
    char path[64];
    struct tg_control_places places;
    struct tg_control_socket sock;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.folder = "/tmp/tidegate-test-XXXXXX", .sock = {.fd = -1}};
    *state = &fixture;
    if (!mkdtemp(fixture.folder)) {
        return -1;
    }
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/control.sock", fixture.folder);
    return tg_control_place_list(&fixture.places, fixture.path, geteuid(), &fixture.msg);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_control_socket_fini(&fixture->sock);
    (void)unlink(fixture->path);
    return rmdir(fixture->folder);
}

static int open_socket(struct fixture *fixture, struct tg_control_socket *sock)
{
    return tg_control_socket_open(sock, &fixture->places, geteuid(), &fixture->msg);
}

static void it_is_there_from_open_to_fini(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    assert_int_equal(access(fixture->path, F_OK), 0);
    assert_string_equal(fixture->sock.path, fixture->path);
    tg_control_socket_fini(&fixture->sock);
    assert_int_equal(fixture->sock.fd, -1);
    assert_int_equal(access(fixture->path, F_OK), -1);
    tg_control_socket_fini(&fixture->sock);
}

static void the_file_of_a_dead_server_is_replaced(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    tg_control_socket_forget(&fixture->sock); /* as a kill would leave it */
    assert_int_equal(access(fixture->path, F_OK), 0);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
}

static void that_of_a_living_one_is_not(void **state)
{
    struct fixture *fixture = *state;
    struct tg_control_socket second;
    struct stat before;
    struct stat after;

    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    assert_int_equal(lstat(fixture->path, &before), 0);
    assert_int_equal(open_socket(fixture, &second), TG_ERR_EXISTS);
    assert_int_equal(second.fd, -1);
    assert_non_null(strstr(fixture->msg.text, fixture->path));
    assert_int_equal(lstat(fixture->path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
}

static void one_whose_queue_is_full_lives(void **state)
{
    struct fixture *fixture = *state;
    struct tg_control_socket second;
    int fds[2 * BACKLOG];
    int count = 0;
    struct sockaddr_un address;

    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    address = address_of(fixture->path);
    for (; count < 2 * BACKLOG; count++) {
        fds[count] = new_socket();
        if (connect(fds[count], (struct sockaddr *)&address, sizeof(address)) != 0) {
            assert_int_equal(errno, EAGAIN);
            (void)close(fds[count]);
            break;
        }
    }
    assert_true(count < 2 * BACKLOG);
    assert_int_equal(open_socket(fixture, &second), TG_ERR_EXISTS);
    for (int i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
}

static void what_is_no_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->path, "we");
    struct stat found;

    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_ERR_EXISTS);
    assert_int_equal(lstat(fixture->path, &found), 0);
    assert_true(S_ISREG(found.st_mode));
}

static void anothers_file_is_not_removed(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    assert_int_equal(unlink(fixture->path), 0);
    FILE *file = fopen(fixture->path, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    tg_control_socket_fini(&fixture->sock);
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void a_relative_path_is_found_again_from_elsewhere(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(chdir(fixture->folder), 0);
    assert_int_equal(
        tg_control_place_list(&fixture->places, "control.sock", geteuid(), &fixture->msg), TG_OK);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    assert_int_equal(chdir("/"), 0);
    assert_string_equal(fixture->sock.path, fixture->path);
    tg_control_socket_fini(&fixture->sock);
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static void a_directory_that_is_missing_is_told(void **state)
{
    struct fixture *fixture = *state;
    char path[96];

    (void)snprintf(path, sizeof(path), "%s/none/control.sock", fixture->folder);
    assert_int_equal(tg_control_place_list(&fixture->places, path, geteuid(), &fixture->msg),
                     TG_OK);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_ERR_IO);
    assert_non_null(strstr(fixture->msg.text, path));
}

static void the_next_place_is_taken_where_the_first_is_not_ours(void **state)
{
    struct fixture *fixture = *state;
    char open_folder[64];

    (void)snprintf(open_folder, sizeof(open_folder), "%s/open", fixture->folder);
    assert_int_equal(mkdir(open_folder, 0700), 0);
    assert_int_equal(chmod(open_folder, 0777), 0);
    fixture->places = (struct tg_control_places){.count = 2};
    (void)snprintf(fixture->places.items[0].path, TG_CONTROL_PLACE_MAX, "%s/control.sock",
                   open_folder);
    (void)snprintf(fixture->places.items[1].path, TG_CONTROL_PLACE_MAX, "%s", fixture->path);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
    assert_string_equal(fixture->sock.path, fixture->path);
    assert_int_equal(rmdir(open_folder), 0);
}

static void while_another_holds_the_lock_nothing_is_touched(void **state)
{
    struct fixture *fixture = *state;
    int held = lock_folder(fixture->path, &fixture->msg);

    assert_true(held >= 0);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_ERR_IO);
    assert_int_equal(access(fixture->path, F_OK), -1);
    (void)close(held);
    assert_int_equal(open_socket(fixture, &fixture->sock), TG_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_there_from_open_to_fini),
        TEST(the_file_of_a_dead_server_is_replaced),
        TEST(that_of_a_living_one_is_not),
        TEST(one_whose_queue_is_full_lives),
        TEST(what_is_no_socket_is_left_alone),
        TEST(anothers_file_is_not_removed),
        TEST(a_relative_path_is_found_again_from_elsewhere),
        TEST(a_directory_that_is_missing_is_told),
        TEST(the_next_place_is_taken_where_the_first_is_not_ours),
        TEST(while_another_holds_the_lock_nothing_is_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
