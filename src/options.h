/* SPDX-License-Identifier: MIT */
/* The command line: what to do and which keys it sets. The flags are those of config.def.
 * Lives in: the process that was started. Borrows: argv, for as long as the options live. */
#ifndef TG_OPTIONS_H
#define TG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/config.h"
#include "token_options.h"

enum { TG_OPTIONS_FLAGS_MAX = 64, TG_OPTIONS_FOLDERS_MAX = 64 };

enum tg_command {
    TG_COMMAND_SERVE,
    TG_COMMAND_CHECK,
    TG_COMMAND_NEW,
    TG_COMMAND_TEST,
    TG_COMMAND_TOKEN,
    TG_COMMAND_STATUS,
    TG_COMMAND_RELOAD,
    TG_COMMAND_ROLLBACK,
    TG_COMMAND_REMOVE,
    TG_COMMAND_HELP,
    TG_COMMAND_VERSION
};

struct tg_flag {
    const struct tg_config_key *key;
    const char *value;
};

struct tg_options {
    enum tg_command command;
    const char *config_path; /* NULL: not given */
    struct tg_flag flags[TG_OPTIONS_FLAGS_MAX];
    uint32_t flag_count;
    const char *folders[TG_OPTIONS_FOLDERS_MAX]; /* check: the gateway folders; new: the one */
    uint32_t folder_count;
    const char *gateway;           /* reload, rollback, remove: its name; NULL: not given */
    bool wants_json;               /* check, status: JSON in place of text */
    struct tg_token_options token; /* token: what it shall be */
    char *const *words; /* test: all behind the command, for its own reader; NULL-terminated */
};

/* Reads "COMMAND [--flag value | --flag=value ...] [DIR ...]". Given twice, the later value counts.
 * TG_ERR_INVALID, TG_ERR_FULL with a message; for an unknown option it names the nearest one. */
int tg_options_parse(struct tg_options *options, int argc, char *const *argv,
                     struct tg_errmsg *msg);

/* Sets the keys that were given as flags. TG_ERR_INVALID with a message that begins with the flag,
 * TG_ERR_NOMEM. */
int tg_options_apply(const struct tg_options *options, struct tg_config *config,
                     struct tg_errmsg *msg);

/* Appends the usage, every key with its flag, environment variable and default. */
void tg_options_write_help(struct tg_buf *out);

#endif
