/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_request.c"
#include "options.c"
#include "token_options.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { WORDS_MAX = 80 };

struct fixture {
    struct tg_options options;
    struct tg_errmsg msg;
    struct tg_config config;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    *state = &fixture;
    return tg_config_init(&fixture.config);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_config_fini(&fixture->config);
    return 0;
}

/* The words are separated by one blank; the program's name is put in front. */
static int parse(struct fixture *fixture, const char *line)
{
    static char text[1024];
    static char *argv[WORDS_MAX + 1];
    int argc = 0;

    (void)snprintf(text, sizeof(text), "tidegate%s%s", line[0] ? " " : "", line);
    for (char *word = strtok(text, " "); word && argc < WORDS_MAX; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    fixture->msg.text[0] = '\0';
    return tg_options_parse(&fixture->options, argc, argv, &fixture->msg);
}

static void assert_refused(struct fixture *fixture, const char *line, const char *message)
{
    assert_true(parse(fixture, line) < 0);
    assert_string_equal(fixture->msg.text, message);
}

static void each_command_is_known(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_SERVE);
    assert_int_equal(parse(fixture, "check a"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_CHECK);
    assert_int_equal(parse(fixture, "help"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_HELP);
    assert_int_equal(parse(fixture, "version"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_VERSION);
}

static void what_asks_the_server_takes_a_gateways_name(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "status"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_STATUS);
    assert_false(fixture->options.wants_json);
    assert_int_equal(parse(fixture, "status --json --socket /a/b"), TG_OK);
    assert_true(fixture->options.wants_json);
    assert_int_equal(fixture->options.flag_count, 1);
    assert_int_equal(parse(fixture, "reload"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_RELOAD);
    assert_null(fixture->options.gateway);
    assert_int_equal(parse(fixture, "reload --socket=/a/b chat"), TG_OK);
    assert_string_equal(fixture->options.gateway, "chat");
    assert_int_equal(parse(fixture, "rollback chat"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_ROLLBACK);
    assert_int_equal(parse(fixture, "remove a-b_9"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_REMOVE);
    assert_string_equal(fixture->options.gateway, "a-b_9");
    assert_refused(fixture, "rollback", "rollback: name the gateway");
    assert_refused(fixture, "remove", "remove: name the gateway");
    assert_refused(fixture, "remove ../chat",
                   "../chat: a gateway's name is 1 to 63 of a-z 0-9 _ -");
    assert_refused(fixture, "reload a b", "unexpected argument b, see tidegate --help");
    assert_refused(fixture, "status chat", "unexpected argument chat, see tidegate --help");
    assert_refused(fixture, "status --jsn", "unknown option --jsn, did you mean --json?");
    assert_true(parse(fixture, "reload --json") < 0);
}

static void token_has_flags_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct tg_token_options *token = &fixture->options.token;

    assert_int_equal(parse(fixture, "token --sub alice --claim=a=1 --claim b=[2] --kid k1 "
                                    "--config x.lua --key-file k.pem --sub bob"),
                     TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_TOKEN);
    assert_string_equal(fixture->options.config_path, "x.lua");
    assert_string_equal(token->sub, "bob");
    assert_string_equal(token->kid, "k1");
    assert_string_equal(token->key_file, "k.pem");
    assert_int_equal(token->claim_count, 2);
    assert_string_equal(token->claims[0], "a=1");
    assert_string_equal(token->claims[1], "b=[2]");
    assert_null(token->secret_env);
    assert_refused(fixture, "token --sub", "--sub: a value must follow: NAME");
    assert_refused(fixture, "token --secret-emv A",
                   "unknown option --secret-emv, did you mean --secret-env?");
    assert_refused(fixture, "token --claim a", "--claim: expected NAME=JSON");
    assert_refused(fixture, "token --claim =1", "--claim: expected NAME=JSON");
    assert_refused(fixture, "token --sub=", "--sub: expected a text that is not empty");
    assert_true(parse(fixture, "serve --sub alice") < 0);
}

static void help_and_version_may_be_asked_for_in_every_place(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"--help",       "-h",
                                        "serve --help", "serve -h",
                                        "check --help", "serve --listen 127.0.0.1:1 --help"};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(parse(fixture, lines[i]), TG_OK);
        assert_int_equal(fixture->options.command, TG_COMMAND_HELP);
    }
    assert_int_equal(parse(fixture, "--version"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_VERSION);
    assert_int_equal(parse(fixture, "serve --version"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_VERSION);
}

static void every_flag_of_the_table_is_taken_in_both_forms(void **state)
{
    struct fixture *fixture = *state;
    uint32_t count = 0;
    uint32_t tried = 0;
    const struct tg_config_key *keys = tg_config_keys(&count);

    for (uint32_t i = 0; i < count; i++) {
        char line[256];
        if (!keys[i].flag || !keys[i].standard) {
            continue;
        }
        tried++;
        (void)snprintf(line, sizeof(line), "serve %s %s", keys[i].flag, keys[i].standard);
        assert_int_equal(parse(fixture, line), TG_OK);
        assert_int_equal(fixture->options.flag_count, 1);
        assert_string_equal(fixture->options.flags[0].value, keys[i].standard);
        assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg), 0);
        (void)snprintf(line, sizeof(line), "serve %s=%s", keys[i].flag, keys[i].standard);
        assert_int_equal(parse(fixture, line), TG_OK);
        assert_ptr_equal(fixture->options.flags[0].key, &keys[i]);
        assert_string_equal(fixture->options.flags[0].value, keys[i].standard);
    }
    assert_true(tried >= 10);
}

static void flags_set_their_keys(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve --max-connections 7 --listen=127.0.0.1:1,[::1]:2 "
                                    "--gateways /a=b --admin off"),
                     TG_OK);
    assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg), TG_OK);
    assert_int_equal(fixture->config.max_connections, 7);
    assert_int_equal(fixture->config.listen_count, 2);
    assert_int_equal(fixture->config.listen[1].port, 2);
    assert_string_equal(fixture->config.gateways, "/a=b");
    assert_string_equal(fixture->config.admin.host, "");
}

static void no_watch_has_no_value(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve --no-watch --workers 2"), TG_OK);
    assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg), TG_OK);
    assert_false(fixture->config.deploy_watch);
    assert_int_equal(fixture->config.workers, 2);
    assert_int_equal(parse(fixture, "serve --no-watch --watch true"), TG_OK);
    assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg), TG_OK);
    assert_true(fixture->config.deploy_watch);
    assert_refused(fixture, "serve --no-wach",
                   "unknown option --no-wach, did you mean --no-watch?");
}

static void of_a_flag_given_twice_the_later_counts(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve --max-connections 7 --max-connections=8"), TG_OK);
    assert_int_equal(fixture->options.flag_count, 1);
    assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg), TG_OK);
    assert_int_equal(fixture->config.max_connections, 8);
}

static void a_bad_value_is_told_with_its_flag(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve --max-connections many"), TG_OK);
    assert_int_equal(tg_options_apply(&fixture->options, &fixture->config, &fixture->msg),
                     TG_ERR_INVALID);
    assert_non_null(strstr(fixture->msg.text, "--max-connections: limits.max_connections: "));
    assert_non_null(strstr(fixture->msg.text, "\"many\""));
}

static void the_configuration_file_is_named_in_both_forms(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "serve"), TG_OK);
    assert_null(fixture->options.config_path);
    assert_int_equal(parse(fixture, "serve --config a.lua"), TG_OK);
    assert_string_equal(fixture->options.config_path, "a.lua");
    assert_int_equal(parse(fixture, "serve --config=b.lua"), TG_OK);
    assert_string_equal(fixture->options.config_path, "b.lua");
}

static void folders_are_those_words_that_are_no_flags(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "check a --script-memory 8MiB b -- --c -"), TG_OK);
    assert_int_equal(fixture->options.folder_count, 4);
    assert_string_equal(fixture->options.folders[0], "a");
    assert_string_equal(fixture->options.folders[1], "b");
    assert_string_equal(fixture->options.folders[2], "--c");
    assert_string_equal(fixture->options.folders[3], "-");
    assert_int_equal(fixture->options.flag_count, 1);
}

static void check_alone_takes_json(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "check --json a"), TG_OK);
    assert_true(fixture->options.wants_json);
    assert_int_equal(fixture->options.folder_count, 1);
    assert_int_equal(parse(fixture, "check a"), TG_OK);
    assert_false(fixture->options.wants_json);
    assert_refused(fixture, "check --jsn a", "unknown option --jsn, did you mean --json?");
    assert_refused(fixture, "serve --json", "unknown option --json, see tidegate --help");
}

static void new_takes_one_folder_and_test_leaves_its_words_to_its_reader(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(parse(fixture, "new quiz"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_NEW);
    assert_string_equal(fixture->options.folders[0], "quiz");
    assert_refused(fixture, "new quiz other", "unexpected argument other, see tidegate --help");
    assert_int_equal(parse(fixture, "test chat --no-such-flag"), TG_OK);
    assert_int_equal(fixture->options.command, TG_COMMAND_TEST);
    assert_string_equal(fixture->options.words[0], "chat");
    assert_string_equal(fixture->options.words[1], "--no-such-flag");
    assert_null(fixture->options.words[2]);
}

static void too_many_folders_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char line[512] = "check";

    size_t length = strlen(line);
    for (int i = 0; i < TG_OPTIONS_FOLDERS_MAX; i++) {
        memcpy(line + length, " a", 3);
        length += 2;
    }
    assert_int_equal(parse(fixture, line), TG_OK);
    memcpy(line + length, " a", 3);
    assert_refused(fixture, line, "more than 64 folders");
}

static void an_unknown_option_is_told_with_the_nearest_one(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "serve --max-conections 5",
                   "unknown option --max-conections, did you mean --max-connections?");
    assert_refused(fixture, "serve --lisen=127.0.0.1:1",
                   "unknown option --lisen, did you mean --listen?");
    assert_refused(fixture, "serve --confg x", "unknown option --confg, did you mean --config?");
    assert_refused(fixture, "serve --hepl", "unknown option --hepl, did you mean --help?");
    assert_refused(fixture, "serve --nothing-like-it",
                   "unknown option --nothing-like-it, see tidegate --help");
    assert_refused(fixture, "serve --help=x", "--help takes no value");
    assert_refused(fixture, "serve --no-watch=false", "--no-watch takes no value");
    assert_refused(fixture, "status --json=1", "--json takes no value");
    assert_refused(fixture, "--listen x", "unknown option --listen, see tidegate --help");
}

static void an_unknown_command_is_told_with_the_nearest_one(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "sevre", "unknown command sevre, did you mean serve?");
    assert_refused(fixture, "chekc", "unknown command chekc, did you mean check?");
    assert_refused(fixture, "frobnicate", "unknown command frobnicate, see tidegate --help");
}

static void what_is_missing_is_told(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "",
                   "a command must follow: serve, check, new, test, token, status, reload, "
                   "rollback, remove, help or version");
    assert_refused(fixture, "new", "new: name the gateway");
    assert_refused(fixture, "check", "check: name at least one gateway folder");
    assert_refused(fixture, "serve --config", "--config: a value must follow: a file");
    assert_refused(fixture, "serve --max-connections",
                   "--max-connections: a value must follow: a number from 0 to 1000000");
    assert_refused(fixture, "serve surplus", "unexpected argument surplus, see tidegate --help");
}

static void help_names_every_key_and_keeps_to_its_width(void **state)
{
    struct tg_buf help;
    uint32_t count = 0;
    const struct tg_config_key *keys = tg_config_keys(&count);

    (void)state;
    tg_buf_init(&help, 1 << 16);
    tg_options_write_help(&help);
    tg_buf_add_char(&help, '\0');
    assert_int_equal(help.err, 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_non_null(strstr(help.at, keys[i].env));
        assert_non_null(strstr(help.at, keys[i].flag ? keys[i].flag : keys[i].env));
    }
    for (const char *line = help.at; *line;) {
        size_t length = strcspn(line, "\n");
        assert_true(length <= HELP_WIDTH);
        line += length + (line[length] == '\n');
    }
    tg_buf_fini(&help);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_command_is_known),
        TEST(what_asks_the_server_takes_a_gateways_name),
        TEST(token_has_flags_of_its_own),
        TEST(help_and_version_may_be_asked_for_in_every_place),
        TEST(every_flag_of_the_table_is_taken_in_both_forms),
        TEST(flags_set_their_keys),
        TEST(no_watch_has_no_value),
        TEST(of_a_flag_given_twice_the_later_counts),
        TEST(a_bad_value_is_told_with_its_flag),
        TEST(the_configuration_file_is_named_in_both_forms),
        TEST(folders_are_those_words_that_are_no_flags),
        TEST(check_alone_takes_json),
        TEST(new_takes_one_folder_and_test_leaves_its_words_to_its_reader),
        TEST(too_many_folders_are_refused),
        TEST(an_unknown_option_is_told_with_the_nearest_one),
        TEST(an_unknown_command_is_told_with_the_nearest_one),
        TEST(what_is_missing_is_told),
        TEST(help_names_every_key_and_keeps_to_its_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
