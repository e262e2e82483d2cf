/* SPDX-License-Identifier: MIT */
/* Reads tenants.lua: a file that returns a table of tenants by id, run in a bare state.
 * Lives in: a short-lived child of the keeper or the supervisor. */
#ifndef TG_SCRIPT_TENANTS_READER_H
#define TG_SCRIPT_TENANTS_READER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* name is empty where the file gives none, and holds no control octet. Returns 0 to go on, or an
 * error that ends the reading. Must not raise. */
typedef int (*tg_tenants_reader_fn)(void *self, struct tg_str id, bool is_suspended,
                                    struct tg_str name);

/* Tenants come in no particular order. 0, or the error with a message that begins "FILE:LINE: " or
 * "FILE: " (script/bare_state.h); TG_ERR_INVALID for what is no id, an unknown field (the nearest
 * real one is named), a field of the wrong type; TG_ERR_FULL for more than TG_TENANTS_MAX;
 * on_tenant's. */
int tg_tenants_reader_run(const char *path, tg_tenants_reader_fn on_tenant, void *self,
                          struct tg_errmsg *msg);

#endif
