/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/edits.h"
#include "control_request.h"

enum { NEAR_EDITS = 3, HELP_WIDTH = 100, HELP_COLUMN = 30 };

static const char *const commands[] = {
    [TG_COMMAND_SERVE] = "serve",     [TG_COMMAND_CHECK] = "check",
    [TG_COMMAND_NEW] = "new",         [TG_COMMAND_TEST] = "test",
    [TG_COMMAND_TOKEN] = "token",     [TG_COMMAND_STATUS] = "status",
    [TG_COMMAND_RELOAD] = "reload",   [TG_COMMAND_ROLLBACK] = "rollback",
    [TG_COMMAND_REMOVE] = "remove",   [TG_COMMAND_HELP] = "help",
    [TG_COMMAND_VERSION] = "version",
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

/* What every command takes beside the flags of config.def. */
static const char *const own_flags[] = {"--config", "--help", "--no-watch", "--version"};
enum { OWN_FLAG_COUNT = sizeof(own_flags) / sizeof(own_flags[0]) };

static const char JSON_FLAG[] = "--json";

struct nearest {
    struct tg_str wanted;
    const char *found;
    uint32_t edits;
};

static void consider(struct nearest *nearest, const char *candidate)
{
    uint32_t edits = candidate ? tg_edits(nearest->wanted, tg_str_of(candidate)) : UINT32_MAX;

    if (edits <= NEAR_EDITS && edits < nearest->edits) {
        nearest->found = candidate;
        nearest->edits = edits;
    }
}

static int fail_unknown(const char *what, const struct nearest *nearest, struct tg_errmsg *msg)
{
    if (nearest->found && nearest->edits == 0) { /* --json=1 */
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s takes no value", nearest->found);
    }
    if (nearest->found) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "unknown %s %.*s, did you mean %s?", what,
                             TG_STR_ARGS(nearest->wanted), nearest->found);
    }
    return tg_errmsg_set(msg, TG_ERR_INVALID, "unknown %s %.*s, see tidegate --help", what,
                         TG_STR_ARGS(nearest->wanted));
}

static bool takes_json(enum tg_command command)
{
    return command == TG_COMMAND_CHECK || command == TG_COMMAND_STATUS;
}

static int fail_unknown_flag(const struct tg_options *options, struct tg_str flag,
                             struct tg_errmsg *msg)
{
    struct nearest nearest = {.wanted = flag, .edits = UINT32_MAX};
    uint32_t count = 0;
    const struct tg_token_flag *flags = tg_token_options_flags(&count);

    for (uint32_t i = 0; options->command == TG_COMMAND_TOKEN && i < count; i++) {
        consider(&nearest, flags[i].flag);
    }
    const struct tg_config_key *keys = tg_config_keys(&count);

    for (uint32_t i = 0; i < count; i++) {
        consider(&nearest, keys[i].flag);
    }
    for (size_t i = 0; i < OWN_FLAG_COUNT; i++) {
        consider(&nearest, own_flags[i]);
    }
    if (takes_json(options->command)) {
        consider(&nearest, JSON_FLAG);
    }
    return fail_unknown("option", &nearest, msg);
}

static int parse_command(struct tg_options *options, const char *word, struct tg_errmsg *msg)
{
    struct nearest nearest = {.wanted = tg_str_of(word), .edits = UINT32_MAX};

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        options->command = TG_COMMAND_HELP;
        return TG_OK;
    }
    if (strcmp(word, "--version") == 0) {
        options->command = TG_COMMAND_VERSION;
        return TG_OK;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(word, commands[i]) == 0) {
            options->command = (enum tg_command)i;
            return TG_OK;
        }
        consider(&nearest, commands[i]);
    }
    return fail_unknown(word[0] == '-' ? "option" : "command", &nearest, msg);
}

static int keep_flag(struct tg_options *options, const struct tg_config_key *key, const char *value,
                     struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < options->flag_count; i++) {
        if (options->flags[i].key == key) {
            options->flags[i].value = value;
            return TG_OK;
        }
    }
    if (options->flag_count == TG_OPTIONS_FLAGS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "too many options");
    }
    options->flags[options->flag_count++] = (struct tg_flag){.key = key, .value = value};
    return TG_OK;
}

/* The words after the command. */
struct words {
    char *const *next; /* NULL-terminated */
};

/* "--flag=value", or "--flag" and the next word; "--no-watch" has no value. */
static int parse_flag(struct tg_options *options, const char *word, struct words *words,
                      struct tg_errmsg *msg)
{
    const char *equals = strchr(word, '=');
    struct tg_str flag = equals ? tg_str(word, (size_t)(equals - word)) : tg_str_of(word);
    bool is_config = tg_str_is(flag, TG_STR("--config"));
    const struct tg_config_key *key = tg_config_find_flag(flag);

    if (!equals && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
        options->command = TG_COMMAND_HELP;
        return TG_OK;
    }
    if (!equals && strcmp(word, "--version") == 0) {
        options->command = TG_COMMAND_VERSION;
        return TG_OK;
    }
    if (!equals && takes_json(options->command) && strcmp(word, JSON_FLAG) == 0) {
        options->wants_json = true;
        return TG_OK;
    }
    if (strcmp(word, "--no-watch") == 0) {
        return keep_flag(options, tg_config_find_flag(TG_STR("--watch")), "false", msg);
    }
    const struct tg_token_flag *own =
        options->command == TG_COMMAND_TOKEN ? tg_token_options_find(flag) : NULL;
    if (!key && !is_config && !own) {
        return fail_unknown_flag(options, flag, msg);
    }
    const char *value = equals ? equals + 1 : *words->next;
    if (!value) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: a value must follow: %s", word,
                             own         ? own->form
                             : is_config ? "a file"
                                         : key->form);
    }
    words->next += equals ? 0 : 1;
    if (own) {
        return tg_token_options_set(&options->token, own, value, msg);
    }
    if (is_config) {
        options->config_path = value;
        return TG_OK;
    }
    return keep_flag(options, key, value, msg);
}

static bool is_about_gateway(enum tg_command command)
{
    return command == TG_COMMAND_RELOAD || command == TG_COMMAND_ROLLBACK ||
           command == TG_COMMAND_REMOVE;
}

static int keep_gateway(struct tg_options *options, const char *word, struct tg_errmsg *msg)
{
    if (!tg_control_request_is_name(tg_str_of(word))) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: a gateway's name is 1 to %d of a-z 0-9 _ -",
                             word, (int)TG_CONTROL_NAME_MAX);
    }
    options->gateway = word;
    return TG_OK;
}

static int keep_argument(struct tg_options *options, const char *word, struct tg_errmsg *msg)
{
    if (is_about_gateway(options->command) && !options->gateway) {
        return keep_gateway(options, word, msg);
    }
    bool takes_folder = options->command == TG_COMMAND_CHECK ||
                        (options->command == TG_COMMAND_NEW && options->folder_count == 0);

    if (!takes_folder) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "unexpected argument %s, see tidegate --help",
                             word);
    }
    if (options->folder_count == TG_OPTIONS_FOLDERS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d folders", TG_OPTIONS_FOLDERS_MAX);
    }
    options->folders[options->folder_count++] = word;
    return TG_OK;
}

/* What can't do without. */
static int check_arguments(const struct tg_options *options, struct tg_errmsg *msg)
{
    enum tg_command command = options->command;

    if (command == TG_COMMAND_CHECK && options->folder_count == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "check: name at least one gateway folder");
    }
    if ((command == TG_COMMAND_NEW && options->folder_count == 0) ||
        ((command == TG_COMMAND_ROLLBACK || command == TG_COMMAND_REMOVE) && !options->gateway)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: name the gateway", commands[command]);
    }
    return TG_OK;
}

int tg_options_parse(struct tg_options *options, int argc, char *const *argv, struct tg_errmsg *msg)
{
    bool flags_ended = false;

    *options = (struct tg_options){.command = TG_COMMAND_HELP};
    if (argc < 2) {
        return tg_errmsg_set(
            msg, TG_ERR_INVALID,
            "a command must follow: serve, check, new, test, token, status, reload, rollback, "
            "remove, help or version");
    }
    int err = parse_command(options, argv[1], msg);
    if (options->command == TG_COMMAND_TEST) {
        options->words = argv + 2;
        return err;
    }
    struct words words = {.next = argv + 2};
    while (!err && *words.next) {
        const char *word = *words.next++;
        if (!flags_ended && strcmp(word, "--") == 0) {
            flags_ended = true;
        } else if (!flags_ended && word[0] == '-' && word[1] != '\0') {
            err = parse_flag(options, word, &words, msg);
        } else {
            err = keep_argument(options, word, msg);
        }
        if (options->command == TG_COMMAND_HELP || options->command == TG_COMMAND_VERSION) {
            break;
        }
    }
    return err ? err : check_arguments(options, msg);
}

int tg_options_apply(const struct tg_options *options, struct tg_config *config,
                     struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < options->flag_count; i++) {
        const struct tg_flag *flag = &options->flags[i];
        int err = tg_config_set(config, flag->key->key, tg_str_of(flag->value), msg);
        if (err) {
            return tg_errmsg_wrap(msg, err, "%s", flag->key->flag);
        }
    }
    return TG_OK;
}

/* Adds words from column on, and goes on below it where the line would pass HELP_WIDTH. */
static void write_words(struct tg_buf *out, const char *text, size_t *column)
{
    struct tg_str rest = tg_str_of(text);

    while (rest.at) {
        struct tg_str word = tg_str_split(&rest, ' ');
        if (*column + 1 + word.length > HELP_WIDTH) {
            tg_buf_add_format(out, "\n%*s", HELP_COLUMN, "");
            *column = HELP_COLUMN;
        } else if (*column > HELP_COLUMN) {
            tg_buf_add_char(out, ' ');
            (*column)++;
        }
        tg_buf_add_str(out, word);
        *column += word.length;
    }
}

static void write_row(struct tg_buf *out, const char *name, const char *help, const char *note)
{
    size_t column = HELP_COLUMN;

    tg_buf_add_format(out, "  %-*s", HELP_COLUMN - 2, name);
    if (strlen(name) > HELP_COLUMN - 3) {
        tg_buf_add_format(out, "\n%*s", HELP_COLUMN, "");
    }
    write_words(out, help, &column);
    if (note) {
        write_words(out, note, &column);
    }
    tg_buf_add_char(out, '\n');
}

static void write_key(struct tg_buf *out, const struct tg_config_key *key, const char *name)
{
    struct tg_buf note;

    tg_buf_init(&note, 1024);
    tg_buf_add_str(&note, TG_STR("("));
    tg_buf_add_str(&note, tg_str_of(key->standard ? key->standard : "not set"));
    if (key->flag) {
        tg_buf_add_format(&note, "; %s", key->env);
    }
    tg_buf_add_char(&note, ')');
    tg_buf_add_char(&note, '\0');
    write_row(out, name, key->help, note.err ? NULL : note.at);
    tg_buf_fini(&note);
}

static void write_token_flags(struct tg_buf *out)
{
    uint32_t count = 0;
    const struct tg_token_flag *flags = tg_token_options_flags(&count);

    tg_buf_add_str(out, TG_STR("\nOptions of tidegate token; without a key it takes "
                               "auth.keys[1]:\n"));
    for (uint32_t i = 0; i < count; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s %s", flags[i].flag, flags[i].form);
        write_row(out, name, flags[i].help, NULL);
    }
}

void tg_options_write_help(struct tg_buf *out)
{
    uint32_t count = 0;
    const struct tg_config_key *keys = tg_config_keys(&count);

    tg_buf_add_str(out,
                   TG_STR("Tidegate " TG_VERSION ": a scriptable WebSocket gateway.\n\n"
                          "  tidegate serve [options]         serve the gateways\n"
                          "  tidegate check [--json] DIR...   try gateway folders and say "
                          "all that is wrong\n"
                          "  tidegate new NAME                write a first gateway with a "
                          "spec\n"
                          "  tidegate test [options] [DIR...] run the specs of gateway folders "
                          "(test --help)\n"
                          "  tidegate token [options]         mint a token that the server "
                          "takes\n"
                          "  tidegate status [--json]         show the gateways of the running "
                          "server\n"
                          "  tidegate reload [NAME]           have the gateways directory read "
                          "again at once\n"
                          "  tidegate rollback NAME           go back to the generation before\n"
                          "  tidegate remove NAME             take a gateway out of service\n"
                          "  tidegate help                    this text\n"
                          "  tidegate version                 the version\n\n"
                          "Options, with (default; environment variable):\n"));
    write_row(out, "--config FILE", "the configuration file",
              "(tidegate.lua, when there is one in the current directory)");
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i].flag) {
            write_key(out, &keys[i], keys[i].flag);
        }
    }
    tg_buf_add_str(out, TG_STR("\nEnvironment variables without a flag, with (default):\n"));
    for (uint32_t i = 0; i < count; i++) {
        if (!keys[i].flag) {
            write_key(out, &keys[i], keys[i].env);
        }
    }
    write_token_flags(out);
    tg_buf_add_str(out, TG_STR("\nFlags win over the environment, that over the file, that over "
                               "the defaults.\n"));
}
