/* SPDX-License-Identifier: MIT */
/* What is asked of a running server over its control socket: one line.
 *   status text|json    reload [NAME]    rollback NAME    remove NAME
 * Lives in: the supervisor reads it, tidegate status, reload, rollback and remove write it. Pure.
 */
#ifndef TG_CONTROL_REQUEST_H
#define TG_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_CONTROL_NAME_MAX = 63, TG_CONTROL_REQUEST_MAX = 1024 };

enum tg_control_verb {
    TG_CONTROL_STATUS,
    TG_CONTROL_RELOAD,
    TG_CONTROL_ROLLBACK,
    TG_CONTROL_REMOVE
};

struct tg_control_request {
    enum tg_control_verb verb;
    bool wants_json;                    /* status */
    char name[TG_CONTROL_NAME_MAX + 1]; /* of the gateway; "": reload of all, status */
};

/* Reads the line, its newline taken off. TG_ERR_SYNTAX with a message; *request is then as it was.
 */
int tg_control_request_read(struct tg_str line, struct tg_control_request *request,
                            struct tg_errmsg *msg);

/* Whether a gateway may be called so: 1 to TG_CONTROL_NAME_MAX of a-z 0-9 _ -. */
bool tg_control_request_is_name(struct tg_str name);

/* Writes the line with its newline, terminated. Returns its length. */
size_t tg_control_request_write(const struct tg_control_request *request,
                                char out[TG_CONTROL_REQUEST_MAX]);

#endif
