/* SPDX-License-Identifier: MIT */
#include "spec_options.h"

#include <string.h>

static const char COVERAGE[] = "--coverage";
static const char COVERAGE_DIRECTORY[] = "coverage";

/* Options of busted 2 whose value is the next word. */
static const char *const valued[] = {
    "-p",       "--pattern",    "--exclude-pattern",
    "-e",       "-o",           "--output",
    "-t",       "--tags",       "--exclude-tags",
    "--filter", "-m",           "--lpath",
    "--cpath",  "--filter-out", "-r",
    "--run",    "--repeat",     "--seed",
    "--lang",   "--loaders",    "-Xoutput",
    "-Xhelper", "-f",           "--config-file",
    "--helper",
};

/* What the runner sets, so that folders and paths mean what they say. */
static const char *const ours[] = {"-C", "--directory", "--lua", "--ignore-lua"};

static bool is_among(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(list[i]);
        bool is_long = list[i][1] == '-';
        if (strcmp(word, list[i]) == 0 ||
            (is_long && strncmp(word, list[i], length) == 0 && word[length] == '=')) {
            return true;
        }
    }
    return false;
}

static int pass(struct tg_spec_options *options, const char *word, struct tg_errmsg *msg)
{
    if (options->passed_count == TG_SPEC_PASSED_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d options for busted",
                             TG_SPEC_PASSED_MAX);
    }
    options->passed[options->passed_count++] = word;
    return TG_OK;
}

static int keep_folder(struct tg_spec_options *options, const char *word, struct tg_errmsg *msg)
{
    if (options->folder_count == TG_SPEC_FOLDERS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d folders", TG_SPEC_FOLDERS_MAX);
    }
    options->folders[options->folder_count++] = word;
    return TG_OK;
}

/* An option: of ours, or busted's with the word that belongs to it. */
static int read_option(struct tg_spec_options *options, const char *word, char *const **next,
                       struct tg_errmsg *msg)
{
    size_t length = sizeof(COVERAGE) - 1;

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        options->wants_help = true;
        return TG_OK;
    }
    if (strcmp(word, "--watch") == 0) {
        options->is_watching = true;
        return TG_OK;
    }
    if (strcmp(word, COVERAGE) == 0) {
        options->coverage = COVERAGE_DIRECTORY;
        return TG_OK;
    }
    if (strncmp(word, COVERAGE, length) == 0 && word[length] == '=' && word[length + 1] != '\0') {
        options->coverage = word + length + 1;
        return TG_OK;
    }
    if (is_among(ours, sizeof(ours) / sizeof(ours[0]), word)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: tidegate test sets it itself", word);
    }
    bool takes_next =
        !strchr(word, '=') && is_among(valued, sizeof(valued) / sizeof(valued[0]), word);
    int err = pass(options, word, msg);
    if (err || !takes_next) {
        return err;
    }
    if (!**next) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: a value must follow", word);
    }
    return pass(options, *(*next)++, msg);
}

int tg_spec_options_parse(struct tg_spec_options *options, char *const *words,
                          struct tg_errmsg *msg)
{
    char *const *next = words;
    bool is_passing = false;
    int err = TG_OK;

    *options = (struct tg_spec_options){.folder_count = 0};
    while (!err && *next) {
        const char *word = *next++;
        if (is_passing) {
            err = pass(options, word, msg);
        } else if (strcmp(word, "--") == 0) {
            is_passing = true;
        } else if (word[0] == '-' && word[1] != '\0') {
            err = read_option(options, word, &next, msg);
        } else {
            err = keep_folder(options, word, msg);
        }
    }
    return err;
}

void tg_spec_options_write_help(struct tg_buf *out)
{
    tg_buf_add_str(
        out,
        TG_STR("tidegate test [options] [DIR...]: runs the busted specs of gateway folders.\n\n"
               "Without DIR: the current directory when it has a gateway.lua, else every\n"
               "folder of gateways that has specs.\n\n"
               "  --watch           run again whenever a file of the folders changes\n"
               "  --coverage[=DIR]  count the lines of gateway files that ran; writes\n"
               "                    DIR/NAME.lcov (coverage/NAME.lcov)\n"
               "  -- OPTIONS        the rest is busted's\n\n"
               "Every other option is busted's too: --filter PATTERN, -o TAP, -o junit,\n"
               "--list, --seed NUMBER ... The exit status is busted's: 0 when all passed.\n"));
}
