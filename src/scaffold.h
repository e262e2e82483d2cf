/* SPDX-License-Identifier: MIT */
/* tidegate new: writes the folder of a first gateway, with a spec that passes.
 * Lives in: the process that was started. */
#ifndef TG_SCAFFOLD_H
#define TG_SCAFFOLD_H

#include <limits.h>

#include "base/err.h"

struct tg_scaffold {
    const char *place;    /* the folder, or its name alone */
    const char *gateways; /* where it goes when it is a name alone */
    const char *lua;      /* where plain busted finds the kit's Lua files */
    const char *modules;  /* and its C module */
};

/* Writes the folder and sets path to it: place itself when there is a slash in it, else
 * gateways/place; directories above it are made. TG_ERR_EXISTS (there is something already),
 * TG_ERR_INVALID (no name for a gateway), TG_ERR_IO, with a message. */
int tg_scaffold_write(const struct tg_scaffold *scaffold, char path[PATH_MAX],
                      struct tg_errmsg *msg);

#endif
