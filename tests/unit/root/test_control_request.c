/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_request.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int read_line(const char *line, struct tg_control_request *request)
{
    struct tg_errmsg msg = {0};
    int err = tg_control_request_read(tg_str_of(line), request, &msg);

    assert_true((err != TG_OK) == (msg.text[0] != '\0'));
    return err;
}

static void each_request_is_read(void **state)
{
    struct tg_control_request request = {0};

    (void)state;
    assert_int_equal(read_line("status text", &request), TG_OK);
    assert_int_equal(request.verb, TG_CONTROL_STATUS);
    assert_false(request.wants_json);
    assert_int_equal(read_line("status json", &request), TG_OK);
    assert_true(request.wants_json);
    assert_int_equal(read_line("reload", &request), TG_OK);
    assert_int_equal(request.verb, TG_CONTROL_RELOAD);
    assert_string_equal(request.name, "");
    assert_int_equal(read_line("reload chat", &request), TG_OK);
    assert_string_equal(request.name, "chat");
    assert_int_equal(read_line("rollback a-b_c9", &request), TG_OK);
    assert_int_equal(request.verb, TG_CONTROL_ROLLBACK);
    assert_string_equal(request.name, "a-b_c9");
    assert_int_equal(read_line("remove x", &request), TG_OK);
    assert_int_equal(request.verb, TG_CONTROL_REMOVE);
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const lines[] = {
        "",
        "status",
        "status ",
        "status xml",
        "status  json",
        "status text x",
        " reload",
        "reload ",
        "reload  x",
        "reload x y",
        "reload X",
        "reload ../x",
        "reload x ",
        "rollback",
        "rollback ",
        "rollback a.",
        "remove",
        "remove a/b",
        "remove \x7f",
        "remov x",
        "removex",
        "STATUS text",
        "reload\tx",
        "reload \xc3\xa4",
    };
    struct tg_control_request request = {.verb = TG_CONTROL_REMOVE, .name = "kept"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(read_line(lines[i], &request), TG_ERR_SYNTAX);
        assert_int_equal(request.verb, TG_CONTROL_REMOVE);
        assert_string_equal(request.name, "kept");
    }
}

static void a_name_has_its_bound(void **state)
{
    char line[128] = "remove ";
    struct tg_control_request request = {0};

    (void)state;
    memset(line + 7, 'a', TG_CONTROL_NAME_MAX);
    assert_int_equal(read_line(line, &request), TG_OK);
    assert_int_equal(strlen(request.name), TG_CONTROL_NAME_MAX);
    line[7 + TG_CONTROL_NAME_MAX] = 'a';
    assert_int_equal(read_line(line, &request), TG_ERR_SYNTAX);
}

static void a_zero_octet_is_no_part_of_a_name(void **state)
{
    struct tg_control_request request = {0};
    struct tg_errmsg msg = {0};

    (void)state;
    assert_int_equal(tg_control_request_read(tg_str("remove a\0b", 10), &request, &msg),
                     TG_ERR_SYNTAX);
}

static void what_is_written_is_read_as_it_was(void **state)
{
    static const char *const lines[] = {"status text\n", "status json\n",  "reload\n",
                                        "reload chat\n", "rollback a_b\n", "remove 0-\n"};
    char out[TG_CONTROL_REQUEST_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct tg_control_request request = {0};
        struct tg_errmsg msg = {0};
        size_t length = strlen(lines[i]);
        assert_int_equal(tg_control_request_read(tg_str(lines[i], length - 1), &request, &msg),
                         TG_OK);
        assert_int_equal(tg_control_request_write(&request, out), length);
        assert_string_equal(out, lines[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_read),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(a_name_has_its_bound),
        cmocka_unit_test(a_zero_octet_is_no_part_of_a_name),
        cmocka_unit_test(what_is_written_is_read_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
