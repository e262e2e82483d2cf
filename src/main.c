/* SPDX-License-Identifier: MIT */
/* Wiring: what the command line asks for is done here.
 * Exit status: 0 done, 1 it failed, 2 the command line or the configuration makes no sense. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "check_certificates.h"
#include "check_folders.h"
#include "check_keys.h"
#include "control_command.h"
#include "install_paths.h"
#include "options.h"
#include "scaffold.h"
#include "settings.h"
#include "spec_options.h"
#include "spec_run.h"
#include "supervisor.h"
#include "token_command.h"

enum { HELP_BYTES_MAX = 1 << 16, STATUS_FAILED = 1, STATUS_USAGE = 2 };

static int fail(int status, const struct tg_errmsg *msg)
{
    (void)fprintf(stderr, "tidegate: %s\n", msg->text);
    return status;
}

/* What was printed is out, or it is said why it isn't. */
static int end_output(int status)
{
    struct tg_errmsg msg;

    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    (void)tg_errmsg_set(&msg, TG_ERR_IO, "output: %s", strerror(errno));
    return fail(STATUS_FAILED, &msg);
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

static int print_help(void (*write)(struct tg_buf *out))
{
    struct tg_buf help;

    tg_buf_init(&help, HELP_BYTES_MAX);
    write(&help);
    int status = help.err ? STATUS_FAILED : 0;
    if (!help.err) {
        (void)fwrite(help.at, 1, help.length, stdout);
        status = end_output(0);
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
    (void)puts(token);
    free(token);
    return end_output(0);
}

/* new and test work without a server's configuration, which may need what only the server has. */
static const char *gateways_directory(void)
{
    const char *named = getenv("TIDEGATE_GATEWAYS");

    return named && *named ? named : "gateways";
}

static int write_gateway(const char *place)
{
    struct tg_errmsg msg = {0};
    struct tg_install_paths kit;
    char path[PATH_MAX];

    if (tg_install_paths_find(&kit, &msg) != TG_OK) {
        return fail(STATUS_FAILED, &msg);
    }
    struct tg_scaffold scaffold = {
        .place = place, .gateways = gateways_directory(), .lua = kit.lua, .modules = kit.modules};
    if (tg_scaffold_write(&scaffold, path, &msg) != TG_OK) {
        return fail(STATUS_FAILED, &msg);
    }
    (void)printf("wrote %s; now try\n  tidegate test %s\n  tidegate serve\n", path, path);
    return end_output(0);
}

static int run_specs(char *const *words)
{
    struct tg_errmsg msg = {0};
    struct tg_spec_options options;

    if (tg_spec_options_parse(&options, words, &msg) != TG_OK) {
        return fail(STATUS_USAGE, &msg);
    }
    if (options.wants_help) {
        return print_help(tg_spec_options_write_help);
    }
    int status = tg_spec_run(&options, gateways_directory(), &msg);
    return status < 0 ? fail(STATUS_FAILED, &msg) : status;
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
        struct tg_check_options check = {.config = &config,
                                         .folders = options->folders,
                                         .count = options->folder_count,
                                         .out = stdout,
                                         .wants_json = options->wants_json};
        status = end_output(tg_check_folders(&check));
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

/* status, reload, rollback and remove: the server does it, and tells. */
static int ask_server(const struct tg_options *options)
{
    static const enum tg_control_verb verbs[] = {
        [TG_COMMAND_STATUS] = TG_CONTROL_STATUS,
        [TG_COMMAND_RELOAD] = TG_CONTROL_RELOAD,
        [TG_COMMAND_ROLLBACK] = TG_CONTROL_ROLLBACK,
        [TG_COMMAND_REMOVE] = TG_CONTROL_REMOVE,
    };
    struct tg_config config;
    struct tg_errmsg msg = {0};
    struct tg_control_request request = {.verb = verbs[options->command],
                                         .wants_json = options->wants_json};

    if (tg_settings_load_socket(&config, options, &msg) != TG_OK) {
        return fail(STATUS_USAGE, &msg);
    }
    if (options->gateway) {
        (void)snprintf(request.name, sizeof(request.name), "%s", options->gateway);
    }
    int status = tg_control_command_run(config.deploy_socket, &request, stdout, &msg);
    tg_config_fini(&config);
    return status == 0 ? 0 : fail(status, &msg);
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
        return print_help(tg_options_write_help);
    case TG_COMMAND_VERSION:
        (void)printf("tidegate %s\n", TG_VERSION);
        return end_output(0);
    case TG_COMMAND_NEW:
        return write_gateway(options.folders[0]);
    case TG_COMMAND_TEST:
        return run_specs(options.words);
    case TG_COMMAND_SERVE:
    case TG_COMMAND_CHECK:
    case TG_COMMAND_TOKEN:
        return run_configured(&options);
    case TG_COMMAND_STATUS:
    case TG_COMMAND_RELOAD:
    case TG_COMMAND_ROLLBACK:
    case TG_COMMAND_REMOVE:
        return ask_server(&options);
    }
    return STATUS_USAGE;
}
