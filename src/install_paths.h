/* SPDX-License-Identifier: MIT */
/* Where the files of an installation are, seen from the program: beside it (in a build
 * directory) or one directory up (PREFIX/share and PREFIX/lib beside PREFIX/bin).
 * Lives in: the process that was started. */
#ifndef TG_INSTALL_PATHS_H
#define TG_INSTALL_PATHS_H

#include <limits.h>

#include "base/err.h"

struct tg_install_paths {
    char lua[PATH_MAX];     /* of the kit's Lua files: lua/tidegate/kit.lua */
    char modules[PATH_MAX]; /* of the kit's C module */
};

/* TG_ERR_NOT_FOUND with a message that names where it looked. */
int tg_install_paths_find(struct tg_install_paths *paths, struct tg_errmsg *msg);

#endif
