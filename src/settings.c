/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config_file.h"
#include "key_files.h"

/* Without --config the file may be missing; one that is there is never passed over. */
static int read_file(struct tg_config *config, const struct tg_options *options,
                     struct tg_errmsg *msg)
{
    if (options->config_path) {
        return tg_config_file_read(options->config_path, config, msg);
    }
    if (access(TG_CONFIG_FILE_STANDARD, F_OK) != 0) {
        return errno == ENOENT ? TG_OK
                               : tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", TG_CONFIG_FILE_STANDARD,
                                               strerror(errno));
    }
    return tg_config_file_read(TG_CONFIG_FILE_STANDARD, config, msg);
}

static int read_sources(struct tg_config *config, const struct tg_options *options,
                        struct tg_errmsg *msg)
{
    enum tg_log_level level;
    int err = read_file(config, options, msg);

    err = err ? err : tg_config_read_environment(config, msg);
    err = err ? err : tg_options_apply(options, config, msg);
    err = err ? err : tg_config_validate(config, msg);
    err = err ? err : tg_key_files_read(config, msg);
    if (err) {
        return err;
    }
    if (tg_log_level_parse(tg_str_of(config->log_level), &level) != TG_OK) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "log.level: expected error, warn, info or debug");
    }
    tg_log_set_level(level);
    return TG_OK;
}

int tg_settings_load(struct tg_config *config, const struct tg_options *options,
                     struct tg_errmsg *msg)
{
    int err = tg_config_init(config);

    if (err) {
        return tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    err = read_sources(config, options, msg);
    if (err) {
        tg_config_fini(config);
    }
    return err;
}

static bool is_socket_named(const struct tg_options *options)
{
    const char *named = getenv("TIDEGATE_DEPLOY_SOCKET");

    for (uint32_t i = 0; i < options->flag_count; i++) {
        if (strcmp(options->flags[i].key->key, "deploy.socket") == 0) {
            return true;
        }
    }
    return named && *named;
}

int tg_settings_load_socket(struct tg_config *config, const struct tg_options *options,
                            struct tg_errmsg *msg)
{
    int err = tg_config_init(config);

    if (err) {
        return tg_errmsg_set(msg, err, "%s", tg_err_text(err));
    }
    err = is_socket_named(options) ? TG_OK : read_file(config, options, msg);
    err = err ? err : tg_config_read_environment(config, msg);
    err = err ? err : tg_options_apply(options, config, msg);
    if (err) {
        tg_config_fini(config);
    }
    return err;
}
