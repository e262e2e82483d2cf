/* SPDX-License-Identifier: MIT */
/* The configuration as it will be used: defaults, then the file, then the environment, then flags.
 * Lives in: the process that was started. */
#ifndef TG_SETTINGS_H
#define TG_SETTINGS_H

#include "base/err.h"
#include "core/config.h"
#include "options.h"

/* Fills in *config, which the caller ends with tg_config_fini. TG_ERR_* with a message that names
 * the source: FILE:LINE, the variable or the flag; *config holds nothing then. */
int tg_settings_load(struct tg_config *config, const struct tg_options *options,
                     struct tg_errmsg *msg);

/* The same for a command that needs nothing but where the server's control socket is: nothing else
 * is judged, and where a flag or the environment names it the file, which may need what only the
 * server has, is not read. */
int tg_settings_load_socket(struct tg_config *config, const struct tg_options *options,
                            struct tg_errmsg *msg);

#endif
