/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own, and
 * stands in for the reader of the configuration file. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_request.c"
#include "key_files.c"
#include "options.c"
#include "settings.c"
#include "token_options.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct tg_options options;
    struct tg_config config;
    struct tg_errmsg msg;
    char folder[32];
};

/* What the file says; read_path is what was read last. */
static const char *file_key;
static const char *file_value;
static char read_path[64];

int tg_config_file_read(const char *path, struct tg_config *config, struct tg_errmsg *msg)
{
    (void)snprintf(read_path, sizeof(read_path), "%s", path);
    return file_key ? tg_config_set(config, file_key, tg_str_of(file_value), msg) : TG_OK;
}

/* The current directory is an empty one. */
static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.folder = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    file_key = NULL;
    read_path[0] = '\0';
    tg_log_set_level(TG_LOG_LEVEL_INFO);
    return mkdtemp(fixture.folder) && chdir(fixture.folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_config_fini(&fixture->config);
    (void)unsetenv("TIDEGATE_MAX_CONNECTIONS");
    (void)unlink(TG_CONFIG_FILE_STANDARD);
    return chdir("/") == 0 ? rmdir(fixture->folder) : -1;
}

static void give_file(const char *key, const char *value)
{
    file_key = key;
    file_value = value;
}

static void give_flag(struct fixture *fixture, const char *flag, const char *value)
{
    fixture->options.flags[fixture->options.flag_count++] =
        (struct tg_flag){.key = tg_config_find_flag(tg_str_of(flag)), .value = value};
}

static void load_well(struct fixture *fixture)
{
    tg_config_fini(&fixture->config);
    if (tg_settings_load(&fixture->config, &fixture->options, &fixture->msg) != TG_OK) {
        fail_msg("%s", fixture->msg.text);
    }
}

static void each_source_wins_over_the_one_before(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.config_path = "some.lua";
    load_well(fixture);
    assert_int_equal(fixture->config.max_connections, 10000);
    give_file("limits.max_connections", "11");
    load_well(fixture);
    assert_int_equal(fixture->config.max_connections, 11);
    assert_int_equal(setenv("TIDEGATE_MAX_CONNECTIONS", "12", 1), 0);
    load_well(fixture);
    assert_int_equal(fixture->config.max_connections, 12);
    give_flag(fixture, "--max-connections", "13");
    load_well(fixture);
    assert_int_equal(fixture->config.max_connections, 13);
}

static void the_standard_file_is_read_only_when_it_is_there(void **state)
{
    struct fixture *fixture = *state;

    load_well(fixture);
    assert_string_equal(read_path, "");
    FILE *file = fopen(TG_CONFIG_FILE_STANDARD, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    load_well(fixture);
    assert_string_equal(read_path, "tidegate.lua");
    fixture->options.config_path = "named.lua";
    load_well(fixture);
    assert_string_equal(read_path, "named.lua");
}

static void where_the_socket_is_needs_nothing_else(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.config_path = "some.lua";
    give_file("deploy.socket", "/from/file");
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_OK);
    assert_string_equal(fixture->config.deploy_socket, "/from/file");
    tg_config_fini(&fixture->config);
    /* Settings that make no sense together are the server's affair. */
    give_file("limits.handshake_burst", "5");
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_OK);
    assert_string_equal(fixture->config.deploy_socket, "auto");
    tg_config_fini(&fixture->config);
    give_file("no.such.key", "1");
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_ERR_NOT_FOUND);
    assert_null(fixture->config.deploy_socket);
}

static void where_the_socket_is_named_the_file_is_not_read(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.config_path = "some.lua";
    give_file("no.such.key", "1");
    assert_int_equal(setenv("TIDEGATE_DEPLOY_SOCKET", "/from/environment", 1), 0);
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_OK);
    assert_string_equal(fixture->config.deploy_socket, "/from/environment");
    tg_config_fini(&fixture->config);
    give_flag(fixture, "--socket", "/from/flag");
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_OK);
    assert_string_equal(fixture->config.deploy_socket, "/from/flag");
    tg_config_fini(&fixture->config);
    assert_int_equal(unsetenv("TIDEGATE_DEPLOY_SOCKET"), 0);
    assert_int_equal(tg_settings_load_socket(&fixture->config, &fixture->options, &fixture->msg),
                     TG_OK);
    assert_string_equal(read_path, "");
}

static void a_fault_of_any_source_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.config_path = "some.lua";
    give_file("limits.max_conections", "1");
    assert_int_equal(tg_settings_load(&fixture->config, &fixture->options, &fixture->msg),
                     TG_ERR_NOT_FOUND);
    assert_null(fixture->config.gateways);
    give_file("limits.rooms", "1");
    assert_int_equal(setenv("TIDEGATE_MAX_CONNECTIONS", "x", 1), 0);
    assert_int_equal(tg_settings_load(&fixture->config, &fixture->options, &fixture->msg),
                     TG_ERR_INVALID);
    assert_non_null(strstr(fixture->msg.text, "TIDEGATE_MAX_CONNECTIONS: "));
    assert_null(fixture->config.gateways);
    (void)unsetenv("TIDEGATE_MAX_CONNECTIONS");
    give_flag(fixture, "--max-connections", "y");
    assert_int_equal(tg_settings_load(&fixture->config, &fixture->options, &fixture->msg),
                     TG_ERR_INVALID);
    assert_non_null(strstr(fixture->msg.text, "--max-connections: "));
    assert_null(fixture->config.gateways);
}

static void values_that_don_t_go_together_are_refused(void **state)
{
    struct fixture *fixture = *state;

    give_flag(fixture, "--idle-timeout", "10s");
    give_flag(fixture, "--ping-interval", "20s");
    assert_int_equal(tg_settings_load(&fixture->config, &fixture->options, &fixture->msg),
                     TG_ERR_INVALID);
}

static void the_log_level_takes_effect(void **state)
{
    struct fixture *fixture = *state;

    assert_true(tg_log_is_on(TG_LOG_LEVEL_INFO));
    give_flag(fixture, "--log-level", "error");
    load_well(fixture);
    assert_false(tg_log_is_on(TG_LOG_LEVEL_WARN));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_source_wins_over_the_one_before),
        TEST(the_standard_file_is_read_only_when_it_is_there),
        TEST(where_the_socket_is_needs_nothing_else),
        TEST(where_the_socket_is_named_the_file_is_not_read),
        TEST(a_fault_of_any_source_leaves_nothing_behind),
        TEST(values_that_don_t_go_together_are_refused),
        TEST(the_log_level_takes_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
