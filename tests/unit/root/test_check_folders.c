/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "check_folders.c"
#include "check_report.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FOLDERS = 3 };

static const char *const names[FOLDERS] = {"one", "two", "three"};

struct fixture {
    struct tg_config config;
    char root[32];
    char paths[FOLDERS][64];
    const char *folders[FOLDERS];
    char *said;
    size_t length;
};

static void write_gateway(const struct fixture *fixture, int index, const char *text)
{
    char path[96];

    (void)snprintf(path, sizeof(path), "%s/gateway.lua", fixture->paths[index]);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Three gateways at paths of their own. */
static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.root = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    if (!mkdtemp(fixture.root)) {
        return -1;
    }
    for (int i = 0; i < FOLDERS; i++) {
        char text[96];
        (void)snprintf(fixture.paths[i], sizeof(fixture.paths[i]), "%s/%s", fixture.root, names[i]);
        fixture.folders[i] = fixture.paths[i];
        if (mkdir(fixture.paths[i], 0755) != 0) {
            return -1;
        }
        (void)snprintf(text, sizeof(text), "return { path = '/%s', events = {} }", names[i]);
        write_gateway(&fixture, i, text);
    }
    return tg_config_init(&fixture.config);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < FOLDERS; i++) {
        char path[96];
        (void)snprintf(path, sizeof(path), "%s/gateway.lua", fixture->paths[i]);
        (void)unlink(path);
        (void)rmdir(fixture->paths[i]);
    }
    free(fixture->said);
    tg_config_fini(&fixture->config);
    return rmdir(fixture->root);
}

static int check_some(struct fixture *fixture, const char *const *folders, uint32_t count,
                      bool wants_json)
{
    free(fixture->said);
    FILE *out = open_memstream(&fixture->said, &fixture->length);
    struct tg_check_options options = {.config = &fixture->config,
                                       .folders = folders,
                                       .count = count,
                                       .out = out,
                                       .wants_json = wants_json};

    assert_non_null(out);
    int status = tg_check_folders(&options);
    assert_int_equal(fclose(out), 0);
    return status;
}

static int check(struct fixture *fixture)
{
    return check_some(fixture, fixture->folders, FOLDERS, false);
}

/* The lines, each a folder's path and then this. */
static void assert_said(const struct fixture *fixture, const char *one, const char *two,
                        const char *three)
{
    char expected[2048];

    (void)snprintf(expected, sizeof(expected), "%s%s\n%s%s\n%s%s\n", fixture->paths[0], one,
                   fixture->paths[1], two, fixture->paths[2], three);
    assert_string_equal(fixture->said, expected);
}

static void good_folders_are_ok(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(check(fixture), 0);
    assert_said(fixture, ": ok", ": ok", ": ok");
}

static void a_fault_is_told_and_the_others_are_still_judged(void **state)
{
    struct fixture *fixture = *state;

    write_gateway(fixture, 1, "\nlocal x = = 1\n");
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": ok", "/gateway.lua:2: unexpected symbol near '='", ": ok");
}

static void a_path_that_is_taken_is_a_fault_of_the_later(void **state)
{
    struct fixture *fixture = *state;

    write_gateway(fixture, 2, "return { path = '/one', events = {} }");
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": ok", ": ok",
                "/gateway.lua:1: gateways one and three are both at the path /one");
}

static void a_fault_of_several_lines_is_told_in_one(void **state)
{
    struct fixture *fixture = *state;

    write_gateway(fixture, 0, "error('a\\nb\\27[31mc', 0)");
    assert_int_equal(check(fixture), 1);
    for (size_t i = 0; i < fixture->length; i++) {
        assert_true((unsigned char)fixture->said[i] >= ' ' || fixture->said[i] == '\n');
    }
    int lines = 0;
    for (const char *at = fixture->said; *at; at++) {
        lines += *at == '\n';
    }
    assert_int_equal(lines, FOLDERS);
}

static void one_that_never_ends_is_ended_and_the_others_are_still_judged(void **state)
{
    struct fixture *fixture = *state;

    write_gateway(fixture, 1, "while true do end");
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": ok", "/gateway.lua:1: loading takes longer than load_budget", ": ok");
}

static void a_folder_without_a_gateway_is_a_fault(void **state)
{
    struct fixture *fixture = *state;
    char path[96];

    (void)snprintf(path, sizeof(path), "%s/gateway.lua", fixture->paths[0]);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": there is no gateway.lua in it", ": ok", ": ok");
}

static void a_selftest_that_fails_is_a_fault(void **state)
{
    struct fixture *fixture = *state;

    write_gateway(fixture, 1,
                  "return { path = '/two', events = {},\nselftest = function() error('no') end }");
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": ok", "/gateway.lua:2: no", ": ok");
}

static void a_folder_of_gateways_stands_for_all_of_them(void **state)
{
    struct fixture *fixture = *state;
    const char *folders[] = {fixture->root};
    char root[64];
    char expected[256];

    (void)snprintf(expected, sizeof(expected), "%s: ok\n%s: ok\n%s: ok\n", fixture->paths[0],
                   fixture->paths[2], fixture->paths[1]);
    assert_int_equal(check_some(fixture, folders, 1, false), 0);
    assert_string_equal(fixture->said, expected);
    (void)snprintf(root, sizeof(root), "%s//", fixture->root);
    folders[0] = root;
    assert_int_equal(check_some(fixture, folders, 1, false), 0);
    assert_string_equal(fixture->said, expected);
    folders[0] = "/proc/self/fdinfo";
    assert_int_equal(check_some(fixture, folders, 1, false), 1);
    assert_string_equal(fixture->said, "/proc/self/fdinfo: there is no gateway.lua in it\n");
}

static void the_files_of_a_folder_that_can_t_all_be_read_are_compiled(void **state)
{
    struct fixture *fixture = *state;
    char path[96];

    write_gateway(fixture, 1, "error('it is not run')\nreturn = 1");
    (void)snprintf(path, sizeof(path), "%s/pipe.lua", fixture->paths[1]);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(check(fixture), 1);
    char both[256];
    (void)snprintf(both, sizeof(both),
                   "/pipe.lua: it is a FIFO, no regular file\n"
                   "%s/gateway.lua:2: unexpected symbol near '='",
                   fixture->paths[1]);
    assert_said(fixture, ": ok", both, ": ok");
    write_gateway(fixture, 1, "error('it is not run')");
    assert_int_equal(check(fixture), 1);
    assert_said(fixture, ": ok", "/pipe.lua: it is a FIFO, no regular file", ": ok");
    assert_int_equal(unlink(path), 0);
}

static void machines_get_an_object(void **state)
{
    struct fixture *fixture = *state;
    char expected[2048];

    write_gateway(fixture, 1, "return {\npat = '\"' }");
    assert_int_equal(check_some(fixture, fixture->folders + 1, 1, true), 1);
    const char *folder = fixture->paths[1];
    const char *generation = strstr(fixture->said, "\"generation\":\"");
    assert_non_null(generation);
    (void)snprintf(
        expected, sizeof(expected),
        "{\"folders\":[\n {\"folder\":\"%s\",\"name\":\"two\",%.27s,\"ok\":false,\"left_out\":0,"
        "\"faults\":[\n  {\"step\":\"load\",\"file\":\"%s/gateway.lua\",\"line\":1,\"message\":"
        "\"path: expected a string, got nil\",\"hint\":null},\n  {\"step\":\"load\",\"file\":"
        "\"%s/gateway.lua\",\"line\":2,\"message\":\"unknown key 'pat'\",\"hint\":\"did you mean "
        "'path'?\"}]}]}\n",
        folder, generation, folder, folder);
    assert_string_equal(fixture->said, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_folders_are_ok),
        TEST(a_fault_is_told_and_the_others_are_still_judged),
        TEST(a_path_that_is_taken_is_a_fault_of_the_later),
        TEST(a_fault_of_several_lines_is_told_in_one),
        TEST(one_that_never_ends_is_ended_and_the_others_are_still_judged),
        TEST(a_folder_without_a_gateway_is_a_fault),
        TEST(a_selftest_that_fails_is_a_fault),
        TEST(a_folder_of_gateways_stands_for_all_of_them),
        TEST(the_files_of_a_folder_that_can_t_all_be_read_are_compiled),
        TEST(machines_get_an_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
