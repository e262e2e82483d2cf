/* SPDX-License-Identifier: MIT */
/* Wiring: what the command line asks for is done here.
 * Exit status: 0 done, 1 it failed, 2 the command line or the configuration makes no sense. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "check_certificates.h"
#include "check_folders.h"
#include "check_keys.h"
#include "options.h"
#include "settings.h"
#include "supervisor.h"
#include "token_command.h"

enum { HELP_BYTES_MAX = 1 << 16, STATUS_FAILED = 1, STATUS_USAGE = 2 };

static int fail(int status, const struct tg_errmsg *msg)
{
    (void)fprintf(stderr, "tidegate: %s\n", msg->text);
    return status;
}

/* A descriptor that was closed when the program started would be given to a socket, and be written
 * to as if it were the log. */
static void open_standard_descriptors(void)
{
    for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = open("/dev/null", O_RDWR)) {
        if (fd > STDERR_FILENO) {
            (void)close(fd);
            return;
        }
    }
}

static int print_help(void)
{
    struct tg_buf help;

    tg_buf_init(&help, HELP_BYTES_MAX);
    tg_options_write_help(&help);
    int status = help.err ? STATUS_FAILED : 0;
    if (!help.err) {
        (void)fwrite(help.at, 1, help.length, stdout);
        status = fflush(stdout) == 0 ? 0 : STATUS_FAILED;
    }
    tg_buf_fini(&help);
    return status;
}

static int print_token(const struct tg_config *config, const struct tg_options *options,
                       struct tg_errmsg *msg)
{
    char *token = NULL;
    uint64_t wall_ms = tg_clock_wall_ms(tg_clock_system());

    if (tg_token_command_run(config, &options->token, wall_ms, &token, msg) != TG_OK) {
        return fail(STATUS_FAILED, msg);
    }
    int status = puts(token) >= 0 && fflush(stdout) == 0 ? 0 : STATUS_FAILED;
    free(token);
    return status;
}

/* serve, check and token: all need the configuration. */
static int run_configured(const struct tg_options *options)
{
    struct tg_config config;
    struct tg_errmsg msg = {0};
    int status = 0;

    if (tg_settings_load(&config, options, &msg) != TG_OK) {
        return fail(STATUS_USAGE, &msg);
    }
    if (options->command == TG_COMMAND_CHECK) {
        status = tg_check_folders(&config, options->folders, options->folder_count, stdout);
        status = fflush(stdout) == 0 ? status : STATUS_FAILED;
    } else if (options->command == TG_COMMAND_TOKEN) {
        status = print_token(&config, options, &msg);
    } else if (tg_check_certificates(&config, &msg) != TG_OK ||
               tg_check_keys(&config, &msg) != TG_OK) {
        status = fail(STATUS_FAILED, &msg);
    } else {
        status = tg_supervisor_run(&config, &msg);
        if (status != 0 && msg.text[0] != '\0') {
            status = fail(status, &msg);
        }
    }
    tg_config_fini(&config);
    return status;
}

int main(int argc, char **argv)
{
    struct tg_options options;
    struct tg_errmsg msg = {0};

    open_standard_descriptors();
    /* A reader that went away is told by the write that fails. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (tg_options_parse(&options, argc, argv, &msg) != TG_OK) {
        return fail(STATUS_USAGE, &msg);
    }
    switch (options.command) {
    case TG_COMMAND_HELP:
        return print_help();
    case TG_COMMAND_VERSION:
        return printf("tidegate %s\n", TG_VERSION) > 0 && fflush(stdout) == 0 ? 0 : STATUS_FAILED;
    case TG_COMMAND_SERVE:
    case TG_COMMAND_CHECK:
    case TG_COMMAND_TOKEN:
        return run_configured(&options);
    }
    return STATUS_USAGE;
}
