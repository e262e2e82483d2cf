/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "config_file.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char path[32];
    struct tg_config config;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.path = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    int fd = mkstemp(fixture.path);
    return fd >= 0 && close(fd) == 0 ? tg_config_init(&fixture.config) : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_config_fini(&fixture->config);
    return unlink(fixture->path);
}

static int read_text(struct fixture *fixture, const char *text)
{
    FILE *file = fopen(fixture->path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return tg_config_file_read(fixture->path, &fixture->config, &fixture->msg);
}

/* The message is the path and then this. */
static void assert_refused(struct fixture *fixture, const char *text, const char *message)
{
    char expected[1024];

    assert_true(read_text(fixture, text) < 0);
    (void)snprintf(expected, sizeof(expected), "%s%s", fixture->path, message);
    assert_string_equal(fixture->msg.text, expected);
}

static void keys_of_the_file_are_set(void **state)
{
    struct fixture *fixture = *state;

    if (read_text(fixture, "listen = { { address = '0.0.0.0', port = 81 },\n"
                           "           { address = '::1', port = 82 } }\n"
                           "admin = 'off'\n"
                           "gateways = 'here'\n"
                           "limits = { max_connections = 5, ping_interval = '7s',\n"
                           "           outbound_bytes = '2MiB' }\n"
                           "auth = { require_exp = false,\n"
                           "         keys = { { secret = ('s') .. '23456789012345678901234567890123"
                           "' } } }\n") != TG_OK) {
        fail_msg("%s", fixture->msg.text);
    }
    assert_int_equal(fixture->config.listen_count, 2);
    assert_string_equal(fixture->config.listen[0].host, "0.0.0.0");
    assert_int_equal(fixture->config.listen[1].port, 82);
    assert_string_equal(fixture->config.admin.host, "");
    assert_string_equal(fixture->config.gateways, "here");
    assert_int_equal(fixture->config.max_connections, 5);
    assert_int_equal(fixture->config.ping_interval_ms, 7000);
    assert_int_equal(fixture->config.outbound_bytes, 2 << 20);
    assert_false(fixture->config.auth_require_exp);
    assert_string_equal(fixture->config.auth_keys.items[0].secret,
                        "s23456789012345678901234567890123");
}

static void an_unknown_key_is_told_with_file_line_and_the_nearest(void **state)
{
    assert_refused(*state, "limits = {\n  rooms = 3,\n  max_conections = 5,\n}\n",
                   ":3: limits.max_conections: unknown key, the nearest is limits.max_connections");
}

static void a_bad_value_is_told_with_file_and_line(void **state)
{
    assert_refused(*state, "\n\nlimits = { max_connections = 'many' }\n",
                   ":3: limits.max_connections: expected a number from 0 to 1000000, got \"many\"");
}

static void a_value_too_long_for_any_key_is_told(void **state)
{
    char value[TG_CONFIG_TEXT_MAX + 2] = {0};
    char text[sizeof(value) + 64];

    memset(value, 'x', TG_CONFIG_TEXT_MAX + 1);
    (void)snprintf(text, sizeof(text), "\ngateways = '%s'\n", value);
    assert_refused(*state, text, ":2: gateways: a value of more than 4096 octets");
}

static void what_is_no_lua_is_told_with_file_and_line(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture, "\nlisten = = 3\n"), TG_ERR_SYNTAX);
    assert_non_null(strstr(fixture->msg.text, ":2: "));
}

static void a_file_that_runs_on_and_on_is_ended(void **state)
{
    struct fixture *fixture = *state;

    assert_true(read_text(fixture, "while true do end") < 0);
    assert_memory_equal(fixture->msg.text, fixture->path, strlen(fixture->path));
}

static void a_missing_file_is_told(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(tg_config_file_read("/does/not/exist.lua", &fixture->config, &fixture->msg),
                     TG_ERR_IO);
    assert_non_null(strstr(fixture->msg.text, "/does/not/exist.lua: "));
    assert_non_null(strstr(fixture->msg.text, "No such file or directory"));
}

/* What comes over the pipe is judged like any input. */
static void records_that_make_no_sense_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading = {.path = "x.lua", .config = &fixture->config};
    struct record_head head = {.kind = RECORD_PAIR, .number = 1, .key_length = 5};
    char record[sizeof(head) + 4] = {0};

    for (size_t length = 0; length < sizeof(head); length++) {
        assert_int_equal(on_record(&reading, tg_str(record, length), &fixture->msg), TG_ERR_SYNTAX);
    }
    memcpy(record, &head, sizeof(head)); /* a key longer than the rest */
    assert_int_equal(on_record(&reading, tg_str(record, sizeof(record)), &fixture->msg),
                     TG_ERR_SYNTAX);
    head = (struct record_head){.kind = 7};
    memcpy(record, &head, sizeof(head));
    assert_int_equal(on_record(&reading, tg_str(record, sizeof(record)), &fixture->msg),
                     TG_ERR_SYNTAX);
    head = (struct record_head){.kind = RECORD_PAIR, .key_length = UINT32_MAX};
    memcpy(record, &head, sizeof(head));
    assert_int_equal(on_record(&reading, tg_str(record, sizeof(record)), &fixture->msg),
                     TG_ERR_SYNTAX);
    /* A failure that says it is none. */
    head = (struct record_head){.kind = RECORD_FAILURE, .number = 0};
    memcpy(record, &head, sizeof(head));
    assert_int_equal(on_record(&reading, tg_str(record, sizeof(record)), &fixture->msg),
                     TG_ERR_SCRIPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_of_the_file_are_set),
        TEST(an_unknown_key_is_told_with_file_line_and_the_nearest),
        TEST(a_bad_value_is_told_with_file_and_line),
        TEST(a_value_too_long_for_any_key_is_told),
        TEST(what_is_no_lua_is_told_with_file_and_line),
        TEST(a_file_that_runs_on_and_on_is_ended),
        TEST(a_missing_file_is_told),
        TEST(records_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
